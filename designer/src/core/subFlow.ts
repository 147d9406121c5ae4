/** What a called flow takes and gives, as rows that its caller has not yet. */
import type { Variable } from "./flow";

export interface Offer {
  readonly name: string;
  readonly row: Readonly<Record<string, unknown>>;
}

const SIDES = {
  inputs: { takes: "input", keeps: "value" },
  outputs: { takes: "output", keeps: "variable" },
} as const;

/** A variable of the same name in the calling flow is what an author means most of the time. */
export function offeredRows(field: string, rows: unknown, called: readonly Variable[], own: readonly Variable[]): Offer[] {
  const side = Object.hasOwn(SIDES, field) ? SIDES[field as keyof typeof SIDES] : undefined;
  if (!side) return [];
  const given = new Set((Array.isArray(rows) ? rows : []).map((row: unknown) => (row as { name?: unknown } | null)?.name));
  const mine = new Set(own.map(({ name }) => name));
  return called
    .filter((variable) => variable[side.takes] && !given.has(variable.name))
    .map(({ name }) => ({ name, row: { name, [side.keeps]: mine.has(name) ? name : "" } }));
}
