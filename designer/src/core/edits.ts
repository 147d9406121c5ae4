/** Every change of a flow as named data. `applyEdit` is the only way a flow changes, so that whatever was done can be shown and undone. */
import type { FieldValue, Flow, FlowEdge, FlowNode, Note, Position } from "./flow";
import { edgeKey, own } from "./flow";
import type { PortChanges } from "./nodeTypes";

export interface Elements {
  readonly nodes: readonly string[];
  /** Keys of edges, see `edgeKey`. */
  readonly edges: readonly string[];
  readonly notes: readonly string[];
}

export type FlowSettings = Pick<Flow, "name" | "class" | "languages" | "variables" | "navigation" | "voicexml_defaults">;

export interface EditKinds {
  "elements.add": { nodes: readonly FlowNode[]; edges: readonly FlowEdge[]; notes: readonly Note[] };
  "elements.remove": Elements;
  "elements.move": { positions: Readonly<Record<string, Position>> };
  "node.rename": { id: string; to: string };
  "node.title": { id: string; title: string };
  "node.field": { id: string; field: string; value: FieldValue | undefined; ports: PortChanges };
  "edge.connect": { edge: FlowEdge };
  "note.set": { id: string; note: Partial<Omit<Note, "id">> };
  "flow.settings": { settings: Partial<FlowSettings> };
  "flow.replace": { flow: Flow };
  batch: { edits: readonly Edit[] };
}

export type EditKind = keyof EditKinds;
export type Edit = { [K in EditKind]: { readonly kind: K } & Readonly<EditKinds[K]> }[EditKind];
type EditOf<K extends EditKind> = Extract<Edit, { kind: K }>;

const replaceIn = <T extends { readonly id: string }>(
  items: readonly T[],
  id: string,
  change: (item: T) => T,
): readonly T[] => items.map((item) => (item.id === id ? change(item) : item));

function connect(edges: readonly FlowEdge[], edge: FlowEdge): readonly FlowEdge[] {
  const key = edgeKey(edge);
  const at = edges.findIndex((item) => edgeKey(item) === key);
  return at < 0 ? [...edges, edge] : edges.with(at, edge);
}

function followPorts(edges: readonly FlowEdge[], id: string, ports: PortChanges): readonly FlowEdge[] {
  if (ports.removed.length === 0 && Object.keys(ports.renamed).length === 0) return edges;
  return edges
    .filter((edge) => edge.from !== id || !ports.removed.includes(edge.port))
    .map((edge) => {
      const port = edge.from === id ? own(ports.renamed, edge.port) : undefined;
      return port === undefined ? edge : { ...edge, port };
    });
}

const KINDS: { [K in EditKind]: (flow: Flow, edit: EditOf<K>) => Flow } = {
  "elements.add": (flow, edit) => {
    const nodes = new Set(flow.nodes.map((node) => node.id));
    const notes = new Set(flow.notes.map((note) => note.id));
    return {
      ...flow,
      nodes: [...flow.nodes, ...edit.nodes.filter((node) => !nodes.has(node.id))],
      edges: edit.edges.reduce(connect, flow.edges),
      notes: [...flow.notes, ...edit.notes.filter((note) => !notes.has(note.id))],
    };
  },
  "elements.remove": (flow, edit) => {
    const nodes = new Set(edit.nodes);
    const edges = new Set(edit.edges);
    const notes = new Set(edit.notes);
    return {
      ...flow,
      nodes: flow.nodes.filter((node) => !nodes.has(node.id)),
      edges: flow.edges.filter((e) => !nodes.has(e.from) && !nodes.has(e.to) && !edges.has(edgeKey(e))),
      notes: flow.notes.filter((note) => !notes.has(note.id)),
    };
  },
  "elements.move": (flow, edit) => {
    const moved = <T extends { readonly id: string; readonly position: Position }>(item: T): T => {
      const position = own(edit.positions, item.id);
      return position ? { ...item, position } : item;
    };
    return { ...flow, nodes: flow.nodes.map(moved), notes: flow.notes.map(moved) };
  },
  "node.rename": (flow, edit) => {
    if (edit.id === edit.to || flow.nodes.some((node) => node.id === edit.to)) return flow;
    const follow = (id: string): string => (id === edit.id ? edit.to : id);
    return {
      ...flow,
      nodes: replaceIn(flow.nodes, edit.id, (node) => ({ ...node, id: edit.to })),
      edges: flow.edges.map((edge) =>
        edge.from === edit.id || edge.to === edit.id ? { ...edge, from: follow(edge.from), to: follow(edge.to) } : edge,
      ),
    };
  },
  "node.title": (flow, edit) => ({
    ...flow,
    nodes: replaceIn(flow.nodes, edit.id, (node) => ({ ...node, title: edit.title })),
  }),
  "node.field": (flow, edit) => ({
    ...flow,
    nodes: replaceIn(flow.nodes, edit.id, (node) => {
      const { [edit.field]: _old, ...rest } = node.fields;
      return { ...node, fields: edit.value === undefined ? rest : { ...node.fields, [edit.field]: edit.value } };
    }),
    edges: followPorts(flow.edges, edit.id, edit.ports),
  }),
  "edge.connect": (flow, edit) => ({ ...flow, edges: connect(flow.edges, edit.edge) }),
  "note.set": (flow, edit) => ({
    ...flow,
    notes: replaceIn(flow.notes, edit.id, (note) => ({ ...note, ...edit.note })),
  }),
  "flow.settings": (flow, edit) => ({ ...flow, ...edit.settings }),
  "flow.replace": (flow, edit) => ({ ...edit.flow, id: flow.id }),
  batch: (flow, edit) => edit.edits.reduce(applyEdit, flow),
};

export function applyEdit(flow: Flow, edit: Edit): Flow {
  const apply = KINDS[edit.kind] as (flow: Flow, edit: Edit) => Flow;
  return apply(flow, edit);
}
