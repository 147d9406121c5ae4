/** Who else has the flow open, as the server tells it. */
import type { Overlay } from "./overlay";

export interface Person {
  readonly page: string;
  readonly user: string;
  readonly nodes: readonly string[];
  readonly unsaved: boolean;
}

/** What somebody did that this page has to know of. */
export type Deed =
  | { readonly kind: "saved"; readonly by: string; readonly revision: string }
  | { readonly kind: "published"; readonly by: string; readonly version: number | null; readonly test: boolean };

export interface Presence {
  /** This page's own name among the others. */
  readonly page: string;
  readonly others: readonly Person[];
}

export const alone: Presence = { page: "", others: [] };

type Message = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function personOf(raw: unknown): Person | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const { page, user, nodes, unsaved } = raw as Message;
  return { page: text(page), user: text(user), nodes: Array.isArray(nodes) ? nodes.filter((id) => typeof id === "string") : [], unsaved: unsaved === true };
}

/** Takes a message about people; others leave everything as it is. */
export function receivePeople(before: Presence, message: Message): Presence {
  if (message["type"] === "hello") return { ...before, page: text(message["page"]) };
  if (message["type"] !== "people" || !Array.isArray(message["people"])) return before;
  const people = message["people"].map(personOf).filter((person) => person !== undefined);
  return { ...before, others: people.filter((person) => person.page !== before.page) };
}

export function deedOf(message: Message): Deed | undefined {
  const by = text(message["by"]);
  if (message["type"] === "saved") return { kind: "saved", by, revision: String(message["revision"]) };
  if (message["type"] !== "published") return undefined;
  const version = typeof message["version"] === "number" ? message["version"] : null;
  return { kind: "published", by, version, test: message["test"] === true };
}

/** The nodes that others have selected, with their names. */
export function peopleOverlay(others: readonly Person[]): Overlay {
  const names = new Map<string, Set<string>>();
  for (const person of others) for (const id of person.nodes) names.set(id, (names.get(id) ?? new Set()).add(person.user));
  return { nodes: Object.fromEntries([...names].map(([id, who]) => [id, { tone: "person" as const, badge: [...who].join(", ") }])), edges: {} };
}
