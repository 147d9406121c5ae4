import { type Connection, type EdgeChange, type FinalConnectionState, type NodeChange, type OnConnectStartParams, applyNodeChanges } from "@xyflow/react";
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { GRID, snap } from "../../core/arrange";
import { type Position, edgeKey } from "../../core/flow";
import { mayConnect } from "../../core/problems";
import { calledFlow, nodeTitle } from "../../core/nodeTypes";
import { boundsOf } from "../../core/scene";
import { useLatest } from "../latest";
import { navigate } from "../router";
import { useTexts } from "../texts";
import { FlowSurface } from "./FlowSurface";
import { NodePicker } from "./NodePicker";
import { CanvasModel, type CanvasNode, type LineEdge, type Marks } from "./canvasModel";
import { useActionContext, useEditorState } from "./context";
import { withFrames } from "./dragging";
import type { CanvasHandle } from "./flowHandle";
import { DRAG_TYPE } from "./Palette";
import { namesIn } from "./portSigns";

export type { CanvasHandle } from "./flowHandle";

const SNAP_GRID: [number, number] = [GRID, GRID];
const MULTI_KEYS = ["Shift", "Meta", "Control"];

const POINTING = {
  snapToGrid: true,
  snapGrid: SNAP_GRID,
  multiSelectionKeyCode: MULTI_KEYS,
  selectionKeyCode: "Shift",
  zoomOnDoubleClick: false,
  elevateEdgesOnSelect: true,
  connectionRadius: 28,
};

/** A flow that cannot be read as a whole is opened at its start. */
const READABLE_ZOOM = 0.55;
const OPENING_ZOOM = 0.8;

interface Picking {
  readonly node: string;
  readonly port: string;
  readonly screen: { x: number; y: number };
}

interface Props {
  readonly marks: Marks;
  readonly minimap: boolean;
  readonly grid: boolean;
  onReady(handle: CanvasHandle): void;
  onPointer(screen: { x: number; y: number }): void;
  /** A card is clicked on. */
  onChoose(): void;
}

/** Where an edge is looked for, so that it need not be met by the pixel. */
const AROUND = [0, -10, 10, -20, 20] as const;

const edgeUnder = ({ clientX, clientY }: { clientX: number; clientY: number }): string | undefined =>
  AROUND.flatMap((dy) => document.elementsFromPoint(clientX, clientY + dy))
    .map((element) => element.closest<SVGElement>(".react-flow__edge")?.dataset["id"])
    .find((id) => id !== undefined);

/** Shows which edge a node would go into; the page's own class, as nothing of the flow has changed yet. */
function showInto(id: string | undefined): void {
  for (const edge of document.querySelectorAll<SVGElement>(".react-flow__edge.into")) if (edge.dataset["id"] !== id) edge.classList.remove("into");
  if (id !== undefined) document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.classList.add("into");
}

const pointOf = (event: MouseEvent | TouchEvent): { clientX: number; clientY: number } => ("changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event);

const moved = ({ x, y }: Position, by: Position): Position => ({ x: x + by.x, y: y + by.y });

export function Canvas({ marks, minimap, grid, onReady, onPointer, onChoose }: Props) {
  const texts = useTexts();
  const { language } = texts;
  const { editor, host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const selection = useEditorState((state) => state.selection);
  const [model] = useState(() => new CanvasModel());
  const [picking, setPicking] = useState<Picking | null>(null);
  const handle = useRef<CanvasHandle | null>(null);

  const selected = useMemo(() => new Set([...selection.nodes, ...selection.edges, ...selection.notes]), [selection]);
  const built = useMemo(() => model.build(flow, types, selected, marks, namesIn(texts)), [model, flow, types, selected, marks, texts]);
  // While something is dragged its place is the canvas's own; the flow learns it when it is dropped.
  const [nodes, setNodes] = useState<CanvasNode[]>(built.nodes);
  useEffect(() => setNodes(built.nodes), [built.nodes]);

  /** Selects nodes and notes by their ids; edges stay as they are, or go with the rest. */
  const choose = useCallback(
    (ids: Iterable<string>, edges: readonly string[]): void => {
      const notes = new Set(editor.flow.notes.map((note) => note.id));
      const all = [...ids];
      editor.select({ nodes: all.filter((id) => !notes.has(id)), notes: all.filter((id) => notes.has(id)), edges });
    },
    [editor],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const moves = changes.filter((change) => change.type === "position");
      if (moves.length > 0) setNodes((before) => applyNodeChanges(moves, before));
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length === 0) return;
      const { nodes: oldNodes, notes: oldNotes, edges } = editor.state.selection;
      const now = new Set([...oldNodes, ...oldNotes]);
      for (const change of chosen) {
        if (change.selected) now.add(change.id);
        else now.delete(change.id);
      }
      choose(now, edges);
    },
    [editor, choose],
  );

  const place = (wanted: Readonly<Record<string, Position>>): void => {
    const positions = withFrames(editor.flow, wanted);
    const before = new Map([...editor.flow.nodes, ...editor.flow.notes].map((item) => [item.id, item.position]));
    const changed = Object.entries(positions).some(([id, at]) => before.get(id)?.x !== at.x || before.get(id)?.y !== at.y);
    if (changed) editor.edit({ kind: "elements.move", positions }, "step.move");
  };

  const itemsOf = (ids: ReadonlySet<string>) => [...editor.flow.nodes, ...editor.flow.notes].filter((item) => ids.has(item.id));

  const drop = (dropped: readonly CanvasNode[]): void => {
    const positions: Record<string, Position> = Object.fromEntries(dropped.map((node) => [node.id, node.position]));
    // What is selected but too far away to be in the page goes along.
    const [first] = dropped;
    const from = first && itemsOf(new Set([first.id]))[0]?.position;
    if (first && from && selected.has(first.id)) {
      const by = { x: first.position.x - from.x, y: first.position.y - from.y };
      for (const item of itemsOf(selected)) positions[item.id] ??= moved(item.position, by);
    }
    place(positions);
  };

  const connect = ({ source, sourceHandle, target }: Connection): void => {
    if (sourceHandle) editor.connect(source, sourceHandle, target);
  };

  /** An edge let go over nothing asks which node is to come next. */
  const connectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    if (state.isValid || state.toNode || !state.fromNode || !state.fromHandle?.id || state.fromHandle.type !== "source") return;
    const { clientX, clientY } = pointOf(event);
    setPicking({ node: state.fromNode.id, port: state.fromHandle.id, screen: { x: clientX, y: clientY } });
  };

  const toFlow = (screen: { x: number; y: number }): { x: number; y: number } =>
    snap(handle.current?.screenToFlowPosition(screen, { snapToGrid: false }) ?? { x: 0, y: 0 });

  const dropType = (event: DragEvent): void => {
    const type = event.dataTransfer.getData(DRAG_TYPE);
    if (!type) return;
    event.preventDefault();
    const at = toFlow({ x: event.clientX, y: event.clientY });
    const into = edgeUnder(event);
    showInto(undefined);
    editor.addNode(type, snap({ x: at.x - 112, y: at.y - 24 }), into ? { into } : {});
  };

  const openNode = (id: string): void => {
    const called = calledFlow(editor.flow, types, id);
    if (called) navigate(`/flows/${encodeURIComponent(called)}`);
    else host.showPanel("properties");
  };

  const handlers = useLatest({
    onNodesChange,
    onEdgesChange: (changes: EdgeChange<LineEdge>[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length === 0) return;
      const edges = new Set(editor.state.selection.edges);
      for (const change of chosen) {
        if (change.selected) edges.add(change.id);
        else edges.delete(change.id);
      }
      editor.select({ ...editor.state.selection, edges: [...edges] });
    },
    onNodeDrag: (event: MouseEvent | TouchEvent, { id }: CanvasNode, dragged: CanvasNode[]) => {
      if (dragged.length === 1 && editor.isLoose(id)) showInto(edgeUnder(pointOf(event)));
    },
    onNodeDragStop: (event: MouseEvent | TouchEvent, { id, position }: CanvasNode, dropped: CanvasNode[]) => {
      const into = dropped.length === 1 && editor.isLoose(id) ? edgeUnder(pointOf(event)) : undefined;
      showInto(undefined);
      if (into === undefined) drop(dropped);
      else editor.putBetween(id, into, position);
    },
    onSelectionDragStop: (_event: unknown, dropped: CanvasNode[]) => drop(dropped),
    onConnect: connect,
    onConnectEnd: connectEnd,
    onClickConnectStart: (event: MouseEvent | TouchEvent, { nodeId, handleId }: OnConnectStartParams) => {
      if (nodeId && handleId && "clientX" in event) setPicking({ node: nodeId, port: handleId, screen: { x: event.clientX, y: event.clientY } });
    },
    onReconnect: (old: LineEdge, { source, sourceHandle, target }: Connection) => {
      if (!sourceHandle || !mayConnect(editor.flow, { from: source, port: sourceHandle, to: target })) return;
      const edges = edgeKey({ from: source, port: sourceHandle }) === old.id ? [] : [old.id];
      editor.edit(
        {
          kind: "batch",
          edits: [
            { kind: "elements.remove", nodes: [], notes: [], edges },
            { kind: "edge.connect", edge: { from: source, port: sourceHandle, to: target } },
          ],
        },
        "step.connect",
      );
    },
    isValidConnection: ({ source, sourceHandle, target }: Connection | LineEdge) => mayConnect(editor.flow, { from: source, port: sourceHandle ?? "", to: target }),
    onNodeClick: onChoose,
    onNodeDoubleClick: (_event: unknown, { id }: CanvasNode) => openNode(id),
  });
  const pointing = useMemo(() => ({ ...POINTING, ...handlers }), [handlers]);

  return (
    <>
      <FlowSurface
        settled={built.nodes}
        nodes={nodes}
        edges={built.edges}
        selected={selected}
        grid={grid}
        minimap={minimap}
        frame={{
          onDragOver: (event) => {
            if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
            event.preventDefault();
            showInto(edgeUnder(event));
          },
          onDragLeave: () => showInto(undefined),
          onDrop: dropType,
          onPointerMove: (event) => onPointer({ x: event.clientX, y: event.clientY }),
        }}
        onSelect={(ids, how) => {
          const before = new Set([...selection.nodes, ...selection.notes]);
          const added = ids.filter((id) => !before.has(id));
          if (how === "only") choose(ids, []);
          else if (how === "add") choose([...before, ...added], selection.edges);
          else choose([...[...before].filter((id) => !ids.includes(id)), ...added], selection.edges);
        }}
        along={(ids) => {
          const standing = new Map([...editor.flow.nodes, ...editor.flow.notes].map((item) => [item.id, item.position]));
          return Object.keys(withFrames(editor.flow, Object.fromEntries(ids.map((id) => [id, standing.get(id) ?? { x: 0, y: 0 }]))));
        }}
        onMove={(ids, by) => place(Object.fromEntries(itemsOf(new Set(ids)).map((item) => [item.id, moved(item.position, by)])))}
        onOpen={openNode}
        onReady={(ready) => {
          handle.current = ready;
          onReady(ready);
          const start = editor.flow.nodes.find((node) => node.type === "start");
          const size = ready.size();
          const bounds = boundsOf(built.nodes);
          const zoom = bounds ? Math.min(size.width / bounds.width, size.height / bounds.height) * 0.85 : 1;
          if (zoom >= READABLE_ZOOM || !start || size.width === 0) void ready.fitView({ padding: 0.15, maxZoom: 1 });
          else void ready.setViewport({ x: 60 - start.position.x * OPENING_ZOOM, y: size.height / 2 - (start.position.y + 40) * OPENING_ZOOM, zoom: OPENING_ZOOM });
        }}
        flow={pointing}
      />
      {picking && (
        <NodePicker
          screen={picking.screen}
          targets={flow.nodes.filter((node) => node.type !== "start").map((node) => ({ id: node.id, title: nodeTitle(node, types.get(node.type), language) }))}
          onClose={() => setPicking(null)}
          onType={(type) => {
            const at = toFlow(picking.screen);
            editor.addNode(type, snap({ x: at.x, y: at.y - 24 }), { after: picking });
          }}
          onNode={(id) => editor.connect(picking.node, picking.port, id)}
        />
      )}
    </>
  );
}
