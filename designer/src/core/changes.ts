/** A difference made visible: both versions on one canvas, its items in an order to walk, and a node's changes field by field. */
import type { Difference, Mark } from "./difference";
import { type Flow, type FlowNode, edgeKey, nodeById } from "./flow";
import type { EdgeOverlay, NodeOverlay, Overlay } from "./overlay";

/** Everything of both versions: what was removed stands where it stood. */
export function bothFlows(before: Flow, after: Flow): Flow {
  const nodes = new Set(after.nodes.map((node) => node.id));
  const notes = new Set(after.notes.map((note) => note.id));
  const edges = new Set(after.edges.map((edge) => `${edgeKey(edge)}>${edge.to}`));
  return {
    ...after,
    nodes: [...after.nodes, ...before.nodes.filter((node) => !nodes.has(node.id))],
    edges: [...after.edges, ...before.edges.filter((edge) => !edges.has(`${edgeKey(edge)}>${edge.to}`))],
    notes: [...after.notes, ...before.notes.filter((note) => !notes.has(note.id))],
  };
}

export function differenceOverlay(difference: Difference): Overlay {
  const nodes: [string, NodeOverlay][] = [...difference.nodes].map(([id, tone]) => [id, { tone }]);
  const edges: [string, EdgeOverlay][] = [...difference.edges].map(([key, tone]) => [key, { tone }]);
  return { nodes: Object.fromEntries(nodes), edges: Object.fromEntries(edges) };
}

export type ChangeItem =
  | { readonly kind: "setting"; readonly id: string; readonly mark: "changed" }
  | { readonly kind: "node"; readonly id: string; readonly mark: Mark }
  | { readonly kind: "edge"; readonly id: string; readonly mark: "added" | "removed"; readonly from: string; readonly port: string; readonly to: string };

/** The ends of an edge by its key in a difference; a port may hold any character, a node id no bar and no angle. */
export function edgeOf(key: string): { from: string; port: string; to: string } {
  const bar = key.indexOf("|");
  const angle = key.lastIndexOf(">");
  return { from: key.slice(0, bar), port: key.slice(bar + 1, angle), to: key.slice(angle + 1) };
}

/** What is walked through: the settings, then the nodes from left to right with the edges that leave them. What only moved comes last. */
export function itemsOf(difference: Difference, flow: Flow): ChangeItem[] {
  const place = (id: string): [number, number] => {
    const at = nodeById(flow, id)?.position;
    return at ? [at.x, at.y] : [0, 0];
  };
  const settings = difference.settings.map((id): ChangeItem => ({ kind: "setting", id, mark: "changed" }));
  const nodes = [...difference.nodes].map(([id, mark]): ChangeItem => ({ kind: "node", id, mark }));
  const edges = [...difference.edges].map(([id, mark]): ChangeItem => ({ kind: "edge", id, mark, ...edgeOf(id) }));
  const rank = (item: ChangeItem): number => (item.mark === "moved" ? 1 : 0);
  const at = (item: ChangeItem): [number, number] => place(item.kind === "edge" ? item.from : item.id);
  const walked = [...nodes, ...edges].toSorted((a, b) => {
    const [ax, ay] = at(a);
    const [bx, by] = at(b);
    return rank(a) - rank(b) || ax - bx || ay - by || (a.kind === b.kind ? a.id.localeCompare(b.id) : a.kind === "node" ? -1 : 1);
  });
  return [...settings, ...walked];
}

export interface FieldChange {
  /** From the field inwards: `["prompt", "0", "text", "zh-CN"]`. */
  readonly path: readonly string[];
  /** Undefined where it was not there. */
  readonly before: unknown;
  readonly after: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The innermost differences of two values. */
export function changesIn(before: unknown, after: unknown, path: readonly string[] = []): FieldChange[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => changesIn(before[index], after[index], [...path, String(index)])).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => changesIn(Object.hasOwn(before, name) ? before[name] : undefined, Object.hasOwn(after, name) ? after[name] : undefined, [...path, name]));
  }
  return [{ path, before, after }];
}

/** What changed in a node; of a node that came or went, what it brought or took. */
export function nodeChanges(before: FlowNode | undefined, after: FlowNode | undefined): FieldChange[] {
  const seen = (node: FlowNode | undefined) => (node ? { type: node.type, title: node.title || undefined, ...node.fields } : {});
  return changesIn(seen(before), seen(after));
}

/** A value as a person reads it. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null || value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
