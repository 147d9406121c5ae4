/** Node types as the server describes them, and what follows from them: ports, defaults, geometry. */
import type { FieldValue, Fields, Flow, FlowNode, LocalizedText } from "./flow";
import { freshId, own, pickText } from "./flow";
import { type JsonSchema, defaultOf, newRow, propertiesOf } from "./jsonSchema";

export const CATEGORIES = ["start", "interaction", "logic", "integration", "routing", "end"] as const;
export type Category = (typeof CATEGORIES)[number];

export const PORT_KINDS = ["next", "key", "yes", "no", "noinput", "nomatch", "error", "hangup", "other"] as const;
export type PortKind = (typeof PORT_KINDS)[number];

export interface Port {
  readonly id: string;
  readonly kind: PortKind;
  readonly title: LocalizedText;
  /** A port that is not required may stay open: the call then takes the flow's common way. */
  readonly required?: boolean;
}

/** One more port for each element of an array field: `{"field": "choices", "id": "key", "title": "label", "kind": "key"}`. */
export interface PortsFrom {
  readonly field: string;
  readonly id: string;
  readonly title: string;
  readonly kind: PortKind;
}

export interface NodeType {
  readonly type: string;
  readonly title: LocalizedText;
  readonly summary: LocalizedText;
  readonly category: Category;
  readonly icon: string;
  readonly schema: JsonSchema;
  readonly ports: readonly Port[];
  readonly ports_from?: PortsFrom | null;
}

export type NodeTypes = ReadonlyMap<string, NodeType>;

export const indexTypes = (types: readonly NodeType[]): NodeTypes => new Map(types.map((type) => [type.type, type]));

const rowsOf = (value: FieldValue): Record<string, unknown>[] =>
  Array.isArray(value)
    ? value.filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null)
    : [];

function rowText(value: unknown): LocalizedText {
  if (typeof value === "string") return value ? { "": value } : {};
  return typeof value === "object" && value !== null ? (value as LocalizedText) : {};
}

/** The ports that come from the rows of a field, in the order of the rows, each id once. */
export function rowPorts(type: NodeType | undefined, fields: Fields): Port[] {
  const from = type?.ports_from;
  if (!from) return [];
  const ports = new Map<string, Port>();
  for (const row of rowsOf(fields[from.field])) {
    const id = String(row[from.id] ?? "");
    if (id && !ports.has(id)) ports.set(id, { id, kind: from.kind, title: rowText(row[from.title]) });
  }
  return [...ports.values()];
}

/** All ports of a node: those of its rows first, as the caller meets them, then the fixed ones. */
export function portsOf(type: NodeType | undefined, fields: Fields): Port[] {
  const rows = rowPorts(type, fields);
  const taken = new Set(rows.map((port) => port.id));
  return [...rows, ...(type?.ports ?? []).filter((port) => !taken.has(port.id))];
}

/** Ports of a node as drawn: a node of an unknown type keeps the ports that its edges leave by. */
export function drawnPorts(flow: Flow, types: NodeTypes, node: FlowNode): Port[] {
  const ports = portsOf(types.get(node.type), node.fields);
  const known = new Set(ports.map((port) => port.id));
  const stray = flow.edges.filter((edge) => edge.from === node.id && !known.has(edge.port));
  return [...ports, ...stray.map((edge): Port => ({ id: edge.port, kind: "other", title: { "": edge.port } }))];
}

export interface PortChanges {
  readonly renamed: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
}

/** What happens to the ports when a node's fields change: an edge follows a choice whose key changed. */
export function portChanges(type: NodeType | undefined, before: Fields, after: Fields): PortChanges {
  const old = rowPorts(type, before).map((port) => port.id);
  const now = rowPorts(type, after).map((port) => port.id);
  const fixed = new Set((type?.ports ?? []).map((port) => port.id));
  const gone = old.filter((id) => !now.includes(id) && !fixed.has(id));
  const renamed: Record<string, string> = {};
  if (old.length === now.length) {
    old.forEach((id, index) => {
      const next = now[index];
      if (next !== undefined && next !== id && gone.includes(id) && !old.includes(next)) renamed[id] = next;
    });
  }
  return { renamed, removed: gone.filter((id) => own(renamed, id) === undefined) };
}

/** The fields a new node of this type begins with: the defaults of its schema. */
export function defaultFields(type: NodeType): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const [name, property] of propertiesOf(type.schema, type.schema)) {
    const required = type.schema.required?.includes(name) ?? false;
    const given = defaultOf(property, type.schema);
    const value = given === undefined && required ? newRow(property, type.schema) : given;
    if (value !== undefined) fields[name] = name === type.ports_from?.field ? numbered(value, type.ports_from) : value;
  }
  return fields;
}

/** Rows that make ports, each with an id of its own. */
function numbered(value: unknown, from: PortsFrom): unknown {
  return rowsOf(value).reduce<Record<string, unknown>[]>(
    (rows, row) => [...rows, row[from.id] ? row : { ...row, [from.id]: freePortId(rows, from) }],
    [],
  );
}

/** An id for one more row: the next free key of the telephone, or a numbered name. */
export function freePortId(rows: readonly Record<string, unknown>[], from: PortsFrom): string {
  const taken = new Set(rows.map((row) => String(row[from.id] ?? "")));
  const free = from.kind === "key" ? [..."1234567890"].find((key) => !taken.has(key)) : undefined;
  return free ?? freshId(from.kind === "key" ? "" : "way_1", taken);
}

/** The flow that a node calls, by the field that names one. */
export function calledFlow(flow: Flow, types: NodeTypes, id: string): string | undefined {
  const node = flow.nodes.find((item) => item.id === id);
  const schema = types.get(node?.type ?? "")?.schema;
  if (!node || !schema) return undefined;
  const [name] = propertiesOf(schema, schema).find(([, property]) => property["x-widget"] === "flow") ?? [];
  const called = name === undefined ? undefined : node.fields[name];
  return typeof called === "string" && called ? called : undefined;
}

export const NODE_WIDTH = 232;
export const HEADER_HEIGHT = 46;
export const SUMMARY_HEIGHT = 42;
export const PORT_HEIGHT = 26;
const PADDING = 7;

/** Size and port offsets of a drawn node, known before it is in the page, so that nothing has to be measured. */
export function nodeHeight(ports: number, hasSummary: boolean): number {
  return HEADER_HEIGHT + (hasSummary ? SUMMARY_HEIGHT : 0) + (ports ? ports * PORT_HEIGHT + PADDING : 0);
}

export const portOffset = (index: number, hasSummary: boolean): number =>
  HEADER_HEIGHT + (hasSummary ? SUMMARY_HEIGHT : 0) + PADDING / 2 + index * PORT_HEIGHT + PORT_HEIGHT / 2;

/** The name a person sees for a node: its own title, else its type's. */
export function nodeTitle(node: FlowNode, type: NodeType | undefined, language: string): string {
  return node.title || pickText(type?.title, language) || node.type;
}
