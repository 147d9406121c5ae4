import {
  Background, BackgroundVariant, type Connection, Controls, type FinalConnectionState, MiniMap, type NodeChange, ReactFlow, type ReactFlowInstance, applyNodeChanges,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { GRID, snap } from "../../core/arrange";
import { edgeKey } from "../../core/flow";
import { mayConnect } from "../../core/problems";
import { calledFlow, nodeTitle } from "../../core/nodeTypes";
import { navigate } from "../router";
import { useSettings } from "../settings";
import { FAR_EDGES_FROM, FarEdges } from "./FarEdges";
import { NodePicker } from "./NodePicker";
import { EDGE_VIEWS, HIDE_ATTRIBUTION, MAP_MASK, NODE_VIEWS, canvasLabels, mapColour } from "./canvasViews";
import { CanvasModel, type CanvasNode, type LineEdge, type Marks } from "./canvasModel";
import { useActionContext, useEditorState } from "./context";
import { withFrames } from "./dragging";
import { DRAG_TYPE } from "./Palette";
import { TileContext, useTile } from "./tile";

export type CanvasHandle = ReactFlowInstance<CanvasNode, LineEdge>;

const SNAP_GRID: [number, number] = [GRID, GRID];
const NO_EDGES: LineEdge[] = [];
const MULTI_KEYS = ["Shift", "Meta", "Control"];

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
}

const edgeUnder = (event: { clientX: number; clientY: number }): string | undefined =>
  document
    .elementsFromPoint(event.clientX, event.clientY)
    .map((element) => element.closest<SVGElement>(".react-flow__edge")?.dataset["id"])
    .find((id) => id !== undefined);

export function Canvas({ marks, minimap, grid, onReady, onPointer }: Props) {
  const language = useSettings((settings) => settings.language);
  const { editor, host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const selection = useEditorState((state) => state.selection);
  const [model] = useState(() => new CanvasModel());
  const [picking, setPicking] = useState<Picking | null>(null);
  const handle = useRef<CanvasHandle | null>(null);

  const selected = useMemo(() => new Set([...selection.nodes, ...selection.edges, ...selection.notes]), [selection]);
  const built = useMemo(() => model.build(flow, types, selected, marks), [model, flow, types, selected, marks]);
  const [tile, onViewport] = useTile();
  const farEdges = tile && built.edges.length > FAR_EDGES_FROM;
  // While something is dragged its place is the canvas's own; the flow learns it when it is dropped.
  const [nodes, setNodes] = useState<CanvasNode[]>(built.nodes);
  useEffect(() => setNodes(built.nodes), [built.nodes]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const moves = changes.filter((change) => change.type === "position");
      if (moves.length > 0) setNodes((before) => applyNodeChanges(moves, before));
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length > 0) {
        const { nodes: oldNodes, notes: oldNotes, edges } = editor.state.selection;
        const now = new Set([...oldNodes, ...oldNotes]);
        for (const change of chosen) {
          if (change.selected) now.add(change.id);
          else now.delete(change.id);
        }
        const notes = new Set(editor.flow.notes.map((note) => note.id));
        const ids = [...now];
        editor.select({ nodes: ids.filter((id) => !notes.has(id)), notes: ids.filter((id) => notes.has(id)), edges });
      }
    },
    [editor],
  );

  const drop = (moved: readonly CanvasNode[]): void => {
    const positions = withFrames(editor.flow, Object.fromEntries(moved.map((node) => [node.id, node.position])));
    const before = new Map([...editor.flow.nodes, ...editor.flow.notes].map((item) => [item.id, item.position]));
    const changed = Object.entries(positions).some(([id, at]) => before.get(id)?.x !== at.x || before.get(id)?.y !== at.y);
    if (changed) editor.edit({ kind: "elements.move", positions }, "step.move");
  };

  const connect = ({ source, sourceHandle, target }: Connection): void => {
    if (sourceHandle) editor.connect(source, sourceHandle, target);
  };

  /** An edge let go over nothing asks which node is to come next. */
  const connectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    if (state.isValid || state.toNode || !state.fromNode || !state.fromHandle?.id || state.fromHandle.type !== "source") return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (point) setPicking({ node: state.fromNode.id, port: state.fromHandle.id, screen: { x: point.clientX, y: point.clientY } });
  };

  const toFlow = (screen: { x: number; y: number }): { x: number; y: number } =>
    snap(handle.current?.screenToFlowPosition(screen, { snapToGrid: false }) ?? { x: 0, y: 0 });

  const dropType = (event: DragEvent): void => {
    const type = event.dataTransfer.getData(DRAG_TYPE);
    if (!type) return;
    event.preventDefault();
    const at = toFlow({ x: event.clientX, y: event.clientY });
    const into = edgeUnder(event);
    editor.addNode(type, snap({ x: at.x - 112, y: at.y - 24 }), into ? { into } : {});
  };

  return (
    <div
      className={farEdges ? "canvas far" : "canvas"}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAG_TYPE)) event.preventDefault();
      }}
      onDrop={dropType}
      onPointerMove={(event) => onPointer({ x: event.clientX, y: event.clientY })}
    >
      <TileContext value={tile}>
      <ReactFlow<CanvasNode, LineEdge>
        nodes={nodes}
        edges={farEdges ? NO_EDGES : built.edges}
        onViewportChange={onViewport}
        nodeTypes={NODE_VIEWS}
        edgeTypes={EDGE_VIEWS}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => {
          const chosen = changes.filter((change) => change.type === "select");
          if (chosen.length === 0) return;
          const edges = new Set(editor.state.selection.edges);
          for (const change of chosen) {
            if (change.selected) edges.add(change.id);
            else edges.delete(change.id);
          }
          editor.select({ ...editor.state.selection, edges: [...edges] });
        }}
        onNodeDragStop={(_event, _node, moved) => drop(moved)}
        onSelectionDragStop={(_event, moved) => drop(moved)}
        onConnect={connect}
        onConnectEnd={connectEnd}
        onReconnect={(old, { source, sourceHandle, target }) => {
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
        }}
        isValidConnection={({ source, sourceHandle, target }) => mayConnect(editor.flow, { from: source, port: sourceHandle ?? "", to: target })}
        onNodeDoubleClick={(_event, { id }) => {
          const called = calledFlow(editor.flow, types, id);
          if (called) navigate(`/flows/${encodeURIComponent(called)}`);
          else host.showPanel("properties");
        }}
        onInit={(instance) => {
          handle.current = instance;
          onReady(instance);
          const start = editor.flow.nodes.find((node) => node.type === "start");
          const box = document.querySelector(".canvas")?.getBoundingClientRect();
          const bounds = instance.getNodesBounds(editor.flow.nodes.map((node) => node.id));
          const zoom = box ? Math.min(box.width / bounds.width, box.height / bounds.height) * 0.85 : 1;
          if (zoom >= READABLE_ZOOM || !start || !box) void instance.fitView({ padding: 0.15, maxZoom: 1 });
          else void instance.setViewport({ x: 60 - start.position.x * OPENING_ZOOM, y: box.height / 2 - (start.position.y + 40) * OPENING_ZOOM, zoom: OPENING_ZOOM });
        }}
        // From far away nearly all is visible: taking nodes in and out would cost more than drawing all of them.
        onlyRenderVisibleElements={!tile}
        snapToGrid
        snapGrid={SNAP_GRID}
        minZoom={0.08}
        maxZoom={2}
        deleteKeyCode={null}
        multiSelectionKeyCode={MULTI_KEYS}
        selectionKeyCode="Shift"
        panOnScroll
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        elevateEdgesOnSelect
        connectionRadius={28}
        ariaLabelConfig={canvasLabels(language)}
        proOptions={HIDE_ATTRIBUTION}
      >
        {farEdges && <FarEdges nodes={nodes} edges={built.edges} />}
        {grid && !tile && <Background variant={BackgroundVariant.Dots} gap={GRID} size={1.4} color="var(--canvas-dot)" />}
        <Controls showInteractive={false} position="bottom-left" />
        {minimap && (
          <MiniMap<CanvasNode>
            pannable
            zoomable
            position="bottom-right"
            nodeColor={mapColour}
            nodeBorderRadius={16}
            maskColor={MAP_MASK}
          />
        )}
      </ReactFlow>
      </TileContext>
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
    </div>
  );
}
