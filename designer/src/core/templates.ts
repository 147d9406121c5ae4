/** Templates: flows to start from, and parts to put into an open flow. */
import { type Clip, copy, paste } from "./clipboard";
import type { Edit } from "./edits";
import { type Flow, type FlowNode, type LocalizedText, type Note, type Position, freshId } from "./flow";
import { propertiesOf } from "./jsonSchema";
import type { NodeTypes } from "./nodeTypes";
import { nodeSize } from "./summary";

export interface Template {
  readonly id: string;
  readonly title: LocalizedText;
  readonly summary: LocalizedText;
  readonly flow: Flow;
  /** A conversation test of the flow, as docs/conversation-tests.md has it. */
  readonly test: Readonly<Record<string, unknown>> | null;
  /** Made by an author; such a one can be changed and deleted. */
  readonly own: boolean;
}

/** The fields of a template's nodes that name a queue: what has to be chosen before its flow can run. */
function queueFields(types: NodeTypes, node: FlowNode): string[] {
  const schema = types.get(node.type)?.schema;
  return schema ? propertiesOf(schema, schema).flatMap(([name, property]) => (property["x-widget"] === "queue" ? [name] : [])) : [];
}

export const needsQueue = (template: Template, types: NodeTypes): boolean => template.flow.nodes.some((node) => queueFields(types, node).length > 0);

/** The flow with one queue everywhere. */
export const withQueue = (flow: Flow, types: NodeTypes, queue: string): Flow =>
  queue
    ? {
        ...flow,
        nodes: flow.nodes.map((node) => ({ ...node, fields: { ...node.fields, ...Object.fromEntries(queueFields(types, node).map((name) => [name, queue])) } })),
      }
    : flow;

/** Texts in the languages that are wanted; all of them where none is there in any. */
export function inLanguages(value: unknown, languages: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => inLanguages(item, languages));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const localized = entries.length > 0 && entries.every(([key, text]) => /^[a-z]{2,3}-[A-Z]{2}$/.test(key) && typeof text === "string");
  if (!localized) return Object.fromEntries(entries.map(([key, item]) => [key, inLanguages(item, languages)]));
  const wanted = entries.filter(([key]) => languages.includes(key));
  return Object.fromEntries(wanted.length > 0 ? wanted : entries);
}

export interface NewFlow {
  readonly id: string;
  readonly name: LocalizedText;
  readonly languages: readonly string[];
}

/** A new flow as the template has it. */
export function flowFrom(template: Template, { id, name, languages }: NewFlow): Flow {
  const { nodes, ...rest } = template.flow;
  return { ...rest, id, name, languages, nodes: nodes.map((node) => ({ ...node, fields: inLanguages(node.fields, languages) as FlowNode["fields"] })) };
}

/** The template's conversation test, for a flow made from it; undefined where there is none. */
export const testFrom = (template: Template, flow: string): Record<string, unknown> | undefined => (template.test ? { ...template.test, flow } : undefined);

const MARGIN = 32;
const HEAD = 56;

export interface Inserted {
  readonly edit: Edit;
  readonly nodes: readonly string[];
  readonly notes: readonly string[];
}

/** The edit that puts a template into a flow as a titled group, with the variables that it needs. */
export function insertTemplate(flow: Flow, types: NodeTypes, template: Template, title: string, at: Position): Inserted | undefined {
  const source = template.flow;
  const clip = copy(
    source,
    source.nodes.map((node) => node.id),
    source.notes.map((note) => note.id),
  );
  if (!clip) return undefined;
  const spoken: Clip = { ...clip, nodes: clip.nodes.map((node) => ({ ...node, fields: inLanguages(node.fields, flow.languages) as FlowNode["fields"] })) };
  const pasted = paste(flow, spoken, { x: at.x + MARGIN, y: at.y + HEAD });
  const added = addedNodes(pasted.edit);
  const sizes = added.map((node) => ({ ...node.position, ...nodeSize({ ...flow, nodes: added }, types, node) }));
  const notes = addedNotes(pasted.edit);
  const right = Math.max(...sizes.map((box) => box.x + box.width), ...notes.map((note) => note.position.x + note.width));
  const bottom = Math.max(...sizes.map((box) => box.y + box.height), ...notes.map((note) => note.position.y + note.height));
  const frame: Note = {
    id: freshId("frame", new Set([...flow.notes, ...notes].map((note) => note.id))),
    text: title,
    frame: true,
    position: at,
    width: right - at.x + MARGIN,
    height: bottom - at.y + MARGIN,
  };
  return {
    edit: { kind: "batch", edits: [pasted.edit, { kind: "elements.add", nodes: [], edges: [], notes: [frame] }] },
    nodes: pasted.nodes,
    notes: [...pasted.notes, frame.id],
  };
}

const addedNodes = (edit: Edit): readonly FlowNode[] => (edit.kind === "elements.add" ? edit.nodes : edit.kind === "batch" ? edit.edits.flatMap(addedNodes) : []);
const addedNotes = (edit: Edit): readonly Note[] => (edit.kind === "elements.add" ? edit.notes : edit.kind === "batch" ? edit.edits.flatMap(addedNotes) : []);

/** A template of what is selected: a flow of its own that begins with the first selected node. */
export function templateOf(flow: Flow, nodes: readonly string[], notes: readonly string[], id: string, title: LocalizedText): Flow | undefined {
  const clip = copy(flow, nodes, notes);
  const [first] = clip?.nodes ?? [];
  if (!clip || !first) return undefined;
  const entered = new Set(clip.edges.map((edge) => edge.to));
  const entry = clip.nodes.find((node) => !entered.has(node.id)) ?? first;
  const start: FlowNode = { id: freshId("start", new Set(clip.nodes.map((node) => node.id))), type: "start", title: "", position: { x: entry.position.x - 320, y: entry.position.y }, fields: {} };
  return {
    ...flow,
    id,
    name: title,
    variables: clip.variables ?? [],
    nodes: [start, ...clip.nodes],
    edges: [{ from: start.id, port: "next", to: entry.id }, ...clip.edges],
    notes: clip.notes,
  };
}
