/** What every widget of the form is given. */
import type { ComponentType } from "react";
import type { JsonSchema } from "../../../core/jsonSchema";

export interface WidgetProps {
  readonly id: string;
  readonly label: string;
  readonly schema: JsonSchema;
  /** The schema of the whole node type, for references. */
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly optional: boolean;
  readonly invalid: boolean;
  onChange(value: unknown): void;
}

export type WidgetView = ComponentType<WidgetProps>;

export const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
export const asRows = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
