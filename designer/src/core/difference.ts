/** What differs between two versions of a flow, by node and edge. */
import { type Flow, edgeKey } from "./flow";

export type Mark = "added" | "removed" | "changed" | "moved";

export interface Difference {
  readonly nodes: ReadonlyMap<string, Mark>;
  /** Fields of changed nodes, `title` and `type` among them. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** By `edgeKey` and target: an edge led elsewhere is one removed and one added. */
  readonly edges: ReadonlyMap<string, "added" | "removed">;
  readonly settings: readonly string[];
}

const same = (a: unknown, b: unknown): boolean => a === b || stable(a) === stable(b);

/** JSON with sorted keys, so that the order of members is no difference. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

export function compare(before: Flow, after: Flow): Difference {
  const nodes = new Map<string, Mark>();
  const fields = new Map<string, string[]>();
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  for (const node of after.nodes) {
    const was = old.get(node.id);
    old.delete(node.id);
    if (!was) {
      nodes.set(node.id, "added");
      continue;
    }
    const names = new Set([...Object.keys(was.fields), ...Object.keys(node.fields)]);
    const changed = [...names].filter((name) => !same(was.fields[name], node.fields[name]));
    if (was.title !== node.title) changed.unshift("title");
    if (was.type !== node.type) changed.unshift("type");
    if (changed.length > 0) {
      nodes.set(node.id, "changed");
      fields.set(node.id, changed);
    } else if (!same(was.position, node.position)) nodes.set(node.id, "moved");
  }
  for (const id of old.keys()) nodes.set(id, "removed");

  const edges = new Map<string, "added" | "removed">();
  const key = (edge: Flow["edges"][number]): string => `${edgeKey(edge)}>${edge.to}`;
  const oldEdges = new Set(before.edges.map(key));
  for (const edge of after.edges) if (!oldEdges.delete(key(edge))) edges.set(key(edge), "added");
  for (const gone of oldEdges) edges.set(gone, "removed");

  const settings = (["name", "class", "languages", "variables", "navigation"] as const).filter(
    (name) => !same(before[name], after[name]),
  );
  return { nodes, fields, edges, settings };
}

export const isEmpty = (difference: Difference): boolean =>
  difference.nodes.size === 0 && difference.edges.size === 0 && difference.settings.length === 0;
