/** The editor's state and what can be done to it, apart from any view. */
import { type StoreApi, createStore } from "zustand/vanilla";
import { snap } from "./arrange";
import { type Edit, type Elements } from "./edits";
import { type FieldValue, type Flow, type FlowNode, type Position, edgeKey, freshId, nodeById, nodeIds } from "./flow";
import { type History, goTo, perform, redo, startHistory, undo } from "./history";
import { type NodeTypes, defaultFields, portChanges, portsOf } from "./nodeTypes";
import { behind, boxesOf, freePlace, openPort } from "./place";
import { type Problem, mayConnect } from "./problems";
import { nodeSize } from "./summary";

/** A node that goes between two others stands a little lower, so that it is seen where they stand close. */
const BESIDE = 160;

export const nothing: Elements = { nodes: [], edges: [], notes: [] };

export interface EditorState {
  readonly types: NodeTypes;
  readonly history: History;
  /** The flow as the server has it, and its revision. */
  readonly saved: Flow;
  readonly revision: string;
  readonly published: number | null;
  /** The version on test, for test numbers only. */
  readonly testing: number | null;
  readonly selection: Elements;
  readonly problems: readonly Problem[];
}

export interface Opening {
  readonly flow: Flow;
  readonly revision: string;
  readonly published: number | null;
  readonly testing?: number | null;
  readonly types: NodeTypes;
  /** Milliseconds of any steady clock; joins quick steps into one. */
  readonly now: () => number;
}

export class Editor {
  readonly store: StoreApi<EditorState>;
  readonly #now: () => number;

  constructor({ flow, revision, published, testing = null, types, now }: Opening) {
    this.#now = now;
    this.store = createStore<EditorState>()(() => ({
      types,
      history: startHistory(flow),
      saved: flow,
      revision,
      published,
      testing,
      selection: nothing,
      problems: [],
    }));
  }

  get state(): EditorState {
    return this.store.getState();
  }
  get flow(): Flow {
    return this.state.history.flow;
  }
  get dirty(): boolean {
    return this.flow !== this.state.saved;
  }

  edit(edit: Edit, label: string, merge?: string): void {
    const history = perform(this.state.history, edit, { label, at: this.#now(), merge });
    if (history !== this.state.history) this.#take(history);
  }
  undo(): void {
    this.#take(undo(this.state.history));
  }
  redo(): void {
    this.#take(redo(this.state.history));
  }
  goTo(steps: number): void {
    this.#take(goTo(this.state.history, steps));
  }

  /** The selection never names what is gone. */
  #take(history: History): void {
    const nodes = nodeIds(history.flow);
    const edges = new Set(history.flow.edges.map(edgeKey));
    const notes = new Set(history.flow.notes.map((note) => note.id));
    const { selection } = this.state;
    this.store.setState({
      history,
      selection: {
        nodes: selection.nodes.filter((id) => nodes.has(id)),
        edges: selection.edges.filter((id) => edges.has(id)),
        notes: selection.notes.filter((id) => notes.has(id)),
      },
    });
  }

  select(selection: Partial<Elements>): void {
    this.store.setState({ selection: { ...nothing, ...selection } });
  }
  setProblems(problems: readonly Problem[]): void {
    this.store.setState({ problems });
  }
  /** The server has this flow now under this revision. */
  markSaved(flow: Flow, revision: string): void {
    this.store.setState({ saved: flow, revision });
  }
  /** What callers get: all of them, and those of test numbers. */
  markPublished(published: number | null, testing: number | null = null): void {
    this.store.setState({ published, testing });
  }

  /** A new node; with `after` it is connected behind that port, with `into` it goes between the ends of that edge. */
  addNode(type: string, position: Position, place: { after?: { node: string; port: string }; into?: string } = {}): string {
    const found = this.state.types.get(type);
    const id = freshId(type, nodeIds(this.flow));
    const node: FlowNode = { id, type, title: "", position, fields: found ? defaultFields(found) : {} };
    const edits: Edit[] = [{ kind: "elements.add", nodes: [node], edges: [], notes: [] }];
    if (place.after) {
      edits.push({ kind: "edge.connect", edge: { from: place.after.node, port: place.after.port, to: id } });
    }
    edits.push(...this.#between(node, place.into));
    this.edit({ kind: "batch", edits }, "step.addNode");
    this.select({ nodes: [id] });
    return id;
  }

  /** What puts a node between the ends of an edge. */
  #between(node: FlowNode, into: string | undefined): Edit[] {
    const split = into === undefined ? undefined : this.flow.edges.find((edge) => edgeKey(edge) === into);
    if (!split) return [];
    const [onward] = portsOf(this.state.types.get(node.type), node.fields);
    const before: Edit = { kind: "edge.connect", edge: { ...split, to: node.id } };
    return onward ? [before, { kind: "edge.connect", edge: { from: node.id, port: onward.id, to: split.to } }] : [before];
  }

  /** Whether that node may be let go over an edge to go between its ends: nothing leads to it or from it yet. */
  isLoose(id: string): boolean {
    const node = nodeById(this.flow, id);
    return node !== undefined && node.type !== "start" && !this.flow.edges.some((edge) => edge.from === id || edge.to === id);
  }

  /** A node that stands alone goes between the ends of that edge, at its new place. */
  putBetween(id: string, into: string, position: Position): void {
    const node = nodeById(this.flow, id);
    if (node) this.edit({ kind: "batch", edits: [{ kind: "elements.move", positions: { [id]: position } }, ...this.#between(node, into)] }, "step.connect");
  }

  /** A new node behind the selected one, or behind a start that is alone: at a free place, and connected to the
   * first way out that leads nowhere. On a selected edge it goes between its ends. Where nothing is selected it goes
   * near the given place. */
  addBehind(type: string, near: Position): string {
    const { flow, state } = this;
    const between = this.#middle();
    if (between) return this.addNode(type, between.place, { into: between.edge });
    const [chosen] = state.selection.nodes;
    const alone = state.selection.nodes.length === 1 ? chosen : flow.nodes.length === 1 ? flow.nodes[0]?.id : undefined;
    const before = alone === undefined ? undefined : nodeById(flow, alone);
    const found = state.types.get(type);
    const size = nodeSize(flow, state.types, { id: "", type, title: "", position: near, fields: found ? defaultFields(found) : {} });
    const port = before && openPort(flow, state.types, before);
    const place = freePlace(boxesOf(flow, state.types), before ? behind(before) : near, size);
    return this.addNode(type, place, before && port !== undefined ? { after: { node: before.id, port } } : {});
  }

  /** The middle of the only thing selected, where that is an edge. */
  #middle(): { edge: string; place: Position } | undefined {
    const { nodes, edges } = this.state.selection;
    const [key] = edges;
    const edge = nodes.length === 0 && edges.length === 1 ? this.flow.edges.find((item) => edgeKey(item) === key) : undefined;
    const from = edge && nodeById(this.flow, edge.from)?.position;
    const to = edge && nodeById(this.flow, edge.to)?.position;
    if (key === undefined || !from || !to) return undefined;
    return { edge: key, place: snap({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + BESIDE }) };
  }

  connect(from: string, port: string, to: string): boolean {
    const edge = { from, port, to };
    if (!mayConnect(this.flow, edge)) return false;
    this.edit({ kind: "edge.connect", edge }, "step.connect");
    return true;
  }

  disconnect(key: string): void {
    this.edit({ kind: "elements.remove", nodes: [], edges: [key], notes: [] }, "step.disconnect");
  }

  setField(id: string, field: string, value: FieldValue | undefined): void {
    const node = nodeById(this.flow, id);
    if (!node) return;
    const ports = portChanges(this.state.types.get(node.type), node.fields, { ...node.fields, [field]: value });
    this.edit({ kind: "node.field", id, field, value, ports }, "step.field", `field ${id} ${field}`);
  }

  rename(id: string, to: string): void {
    this.edit({ kind: "node.rename", id, to }, "step.rename");
    if (nodeById(this.flow, to)) this.select({ nodes: [to] });
  }

  /** Removes what is selected. The start node stays: a flow has exactly one. */
  removeSelected(): void {
    const { selection } = this.state;
    const nodes = selection.nodes.filter((id) => nodeById(this.flow, id)?.type !== "start");
    if (nodes.length + selection.edges.length + selection.notes.length === 0) return;
    this.edit({ kind: "elements.remove", ...selection, nodes }, "step.delete");
  }
}
