/** Copied parts of a flow as text, so that they pass between flows, tabs and browsers through the system's clipboard. */
import type { Edit } from "./edits";
import { type Flow, type FlowEdge, type FlowNode, type Note, type Position, VARIABLE_TYPES, type Variable, freshId, isVariableName, nodeIds, parseFlow } from "./flow";
import { usesOf } from "./whereUsed";

export const CLIP_FORMAT = "vxmlplat/clip";

export interface Clip {
  readonly format: typeof CLIP_FORMAT;
  readonly schema: 1;
  readonly nodes: readonly FlowNode[];
  /** Only edges between copied nodes. */
  readonly edges: readonly FlowEdge[];
  readonly notes: readonly Note[];
  /** What the copied nodes read and write, so that another flow knows it too. */
  readonly variables?: readonly Variable[];
}

/** Copies nodes and notes; a flow has one start node, so that one stays behind. */
export function copy(flow: Flow, nodes: readonly string[], notes: readonly string[]): Clip | undefined {
  const wanted = new Set(nodes);
  const copied = flow.nodes.filter((node) => wanted.has(node.id) && node.type !== "start");
  const known = new Set(copied.map((node) => node.id));
  const sheets = flow.notes.filter((note) => notes.includes(note.id));
  if (copied.length === 0 && sheets.length === 0) return undefined;
  return {
    format: CLIP_FORMAT,
    schema: 1,
    nodes: copied,
    edges: flow.edges.filter((edge) => known.has(edge.from) && known.has(edge.to)),
    notes: sheets,
    variables: flow.variables.filter((variable) => usesOf({ ...flow, nodes: copied }, variable.name).length > 0),
  };
}

export const clipText = (clip: Clip): string => JSON.stringify(clip);

/** Reads a clip from text of unknown origin; undefined when it is something else. */
export function readClip(text: string): Clip | undefined {
  if (!text.includes(CLIP_FORMAT)) return undefined;
  try {
    const raw = JSON.parse(text) as { format?: unknown };
    if (raw.format !== CLIP_FORMAT) return undefined;
    const { nodes, edges, notes, variables } = parseFlow(text);
    return { format: CLIP_FORMAT, schema: 1, nodes, edges, notes, variables: variables.filter(isVariable) };
  } catch {
    return undefined; // Whatever it is, it is no clip of ours.
  }
}

const isVariable = (value: Partial<Variable> | null): value is Variable =>
  typeof value?.name === "string" && isVariableName(value.name) && VARIABLE_TYPES.some((type) => type === value.type);

export interface Pasted {
  readonly edit: Edit;
  readonly nodes: readonly string[];
  readonly notes: readonly string[];
}

/** The edit that puts a clip into a flow under new ids, its top left corner at `at` or a step aside of where it was. */
export function paste(flow: Flow, clip: Clip, at?: Position): Pasted {
  const taken = nodeIds(flow);
  const names = new Map<string, string>();
  for (const node of clip.nodes) {
    const id = freshId(node.id, taken);
    taken.add(id);
    names.set(node.id, id);
  }
  const sheets = new Set(flow.notes.map((note) => note.id));
  const positions = [...clip.nodes, ...clip.notes].map((item) => item.position);
  const left = Math.min(...positions.map((p) => p.x));
  const top = Math.min(...positions.map((p) => p.y));
  const shift = at ? { x: at.x - left, y: at.y - top } : { x: 40, y: 40 };
  const move = (position: Position): Position => ({ x: position.x + shift.x, y: position.y + shift.y });
  const nodes = clip.nodes.map((n) => ({ ...n, id: names.get(n.id) ?? n.id, position: move(n.position) }));
  const notes = clip.notes.map((note) => {
    const id = freshId(note.id, sheets);
    sheets.add(id);
    return { ...note, id, position: move(note.position) };
  });
  const edges = clip.edges.map((edge) => ({
    ...edge,
    from: names.get(edge.from) ?? edge.from,
    to: names.get(edge.to) ?? edge.to,
  }));
  const known = new Set(flow.variables.map((variable) => variable.name));
  const missing = (clip.variables ?? []).filter((variable) => !known.has(variable.name));
  const added: Edit = { kind: "elements.add", nodes, edges, notes };
  const declared: Edit = { kind: "flow.settings", settings: { variables: [...flow.variables, ...missing] } };
  return {
    edit: missing.length > 0 ? { kind: "batch", edits: [declared, added] } : added,
    nodes: nodes.map((node) => node.id),
    notes: notes.map((note) => note.id),
  };
}
