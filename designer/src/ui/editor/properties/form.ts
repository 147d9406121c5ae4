/** What every widget of the form is given. */
import type { ComponentType } from "react";
import type { JsonSchema } from "../../../core/jsonSchema";
import type { Problem } from "../../../core/problems";

export interface WidgetProps {
  readonly id: string;
  readonly label: string;
  readonly schema: JsonSchema;
  /** The schema of the whole node type, for references. */
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly optional: boolean;
  readonly invalid: boolean;
  /** Where the value is among the node's fields, as problems name it: `choices.2.key`. */
  readonly path: string;
  /** What is wrong with the value, or with something in it. */
  readonly problems: readonly Problem[];
  /** The id of the element that says so. */
  readonly describedBy?: string | undefined;
  onChange(value: unknown): void;
}

export type WidgetView = ComponentType<WidgetProps>;

export const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
export const asRows = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
