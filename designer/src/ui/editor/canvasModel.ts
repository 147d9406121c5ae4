/** The flow as the canvas library wants it. What did not change keeps its identity, so that only changed nodes are drawn anew. */
import { type Edge, type Node, Position } from "@xyflow/react";
import { type Flow, type FlowNode, type Note, edgeKey } from "../../core/flow";
import { type NodeType, type NodeTypes, type Port, drawnPorts, nodeHeight, NODE_WIDTH, portOffset } from "../../core/nodeTypes";
import { hasSummary } from "../../core/summary";

export interface NodeMarks {
  readonly errors: number;
  readonly warnings: number;
  /** Where the simulated or replayed caller is, and has been. */
  readonly caller: "here" | "been" | null;
  readonly entered: number | null;
  readonly share: number;
}
export const unmarked: NodeMarks = { errors: 0, warnings: 0, caller: null, entered: null, share: 0 };

export interface EdgeMarks {
  readonly caller: boolean;
  readonly count: number | null;
  readonly percent: number;
  readonly width: number;
}
export const unmarkedEdge: EdgeMarks = { caller: false, count: null, percent: 0, width: 0 };

export interface CardData extends Record<string, unknown> {
  readonly node: FlowNode;
  readonly type: NodeType | undefined;
  readonly ports: readonly Port[];
  /** Ids of ports that an edge leaves by, joined: a plain value compares cheaply. */
  readonly connected: string;
  readonly marks: NodeMarks;
}
export interface NoteData extends Record<string, unknown> {
  readonly note: Note;
}
export interface LineData extends Record<string, unknown> {
  /** `edgeKey`; the id is longer where two edges of one port are shown. */
  readonly key: string;
  readonly port: Port | undefined;
  readonly marks: EdgeMarks;
}
export type CardNode = Node<CardData, "card">;
export type NoteNode = Node<NoteData, "note">;
export type CanvasNode = CardNode | NoteNode;
export type LineEdge = Edge<LineData, "line">;

export interface Marks {
  node(id: string): NodeMarks;
  edge(key: string, to: string): EdgeMarks;
}
export const noMarks: Marks = { node: () => unmarked, edge: () => unmarkedEdge };

const sameMarks = <T extends object>(a: T, b: T): boolean =>
  a === b || Object.keys(a).every((key) => a[key as keyof T] === b[key as keyof T]);

/** What cards and edges are called where they are read out. */
export interface Names {
  card(node: FlowNode, type: NodeType | undefined): string;
  edge(port: Port | undefined, from: string, to: string): string;
}
const unnamed: Names = { card: (node) => node.title || node.id, edge: () => "" };

export class CanvasModel {
  #names: Names = unnamed;
  #cards = new Map<string, CardNode>();
  #notes = new Map<string, NoteNode>();
  #lines = new Map<string, LineEdge>();

  build(flow: Flow, types: NodeTypes, selection: ReadonlySet<string>, marks: Marks, names: Names = unnamed): { nodes: CanvasNode[]; edges: LineEdge[] } {
    if (names !== this.#names) {
      this.#names = names;
      this.#cards = new Map();
    }
    const leaving = new Map<string, string[]>();
    for (const edge of flow.edges) leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge.port]);
    const byId = new Map(flow.nodes.map((node) => [node.id, node]));

    const cards = new Map<string, CardNode>();
    for (const node of flow.nodes) {
      const found = this.#card(node, flow, types, (leaving.get(node.id) ?? []).join("|"), selection.has(node.id), marks.node(node.id));
      cards.set(node.id, found);
    }
    const notes = new Map<string, NoteNode>();
    for (const note of flow.notes) notes.set(note.id, this.#note(note, selection.has(note.id)));
    const lines = new Map<string, LineEdge>();
    for (const edge of flow.edges) {
      if (!byId.has(edge.from) || !byId.has(edge.to)) continue;
      const key = edgeKey(edge);
      const port = cards.get(edge.from)?.data.ports.find((item) => item.id === edge.port);
      const mark = marks.edge(key, edge.to);
      const id = lines.has(key) ? `${key}>${edge.to}` : key;
      const old = this.#lines.get(id);
      const selected = selection.has(key);
      const ariaLabel = names.edge(port, cards.get(edge.from)?.ariaLabel ?? edge.from, cards.get(edge.to)?.ariaLabel ?? edge.to);
      if (old && old.ariaLabel === ariaLabel && old.target === edge.to && old.selected === selected && old.data?.port?.kind === port?.kind && old.data && sameMarks(old.data.marks, mark)) {
        lines.set(id, old);
        continue;
      }
      lines.set(id, {
        id, type: "line", source: edge.from, sourceHandle: edge.port, target: edge.to, targetHandle: "in",
        selected, ariaLabel, data: { key, port, marks: mark },
      });
    }
    this.#cards = cards;
    this.#notes = notes;
    this.#lines = lines;
    return { nodes: [...notes.values(), ...cards.values()], edges: [...lines.values()] };
  }

  #card(node: FlowNode, flow: Flow, types: NodeTypes, connected: string, selected: boolean, marks: NodeMarks): CardNode {
    const old = this.#cards.get(node.id);
    const type = types.get(node.type);
    if (old && old.data.node === node && old.data.connected === connected && old.data.type === type && sameMarks(old.data.marks, marks)) {
      return old.selected === selected ? old : { ...old, selected };
    }
    const ports = drawnPorts(flow, types, node);
    const summary = hasSummary(type);
    const height = nodeHeight(ports.length, summary);
    return {
      id: node.id,
      type: "card",
      position: node.position,
      selected,
      ariaLabel: this.#names.card(node, type),
      width: NODE_WIDTH,
      height,
      // Sizes and ports are known, so that nothing has to be measured before edges can be drawn.
      measured: { width: NODE_WIDTH, height },
      handles: [
        { id: "in", type: "target", position: Position.Left, x: 0, y: 23, width: 1, height: 1 },
        ...ports.map((port, index) => ({
          id: port.id, type: "source" as const, position: Position.Right, x: NODE_WIDTH, y: portOffset(index, summary), width: 1, height: 1,
        })),
      ],
      data: { node, type, ports, connected, marks },
    };
  }

  #note(note: Note, selected: boolean): NoteNode {
    const old = this.#notes.get(note.id);
    if (old && old.data.note === note) return old.selected === selected ? old : { ...old, selected };
    const { width, height } = note;
    return {
      id: note.id, type: "note", position: note.position, selected, width, height, measured: { width, height },
      zIndex: note.frame ? -2 : -1, data: { note },
    };
  }
}
