import { Background, BackgroundVariant, Controls, MiniMap, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Flow, nodeById } from "../../core/flow";
import { NODE_WIDTH, type NodeTypes } from "../../core/nodeTypes";
import { useTexts } from "../texts";
import { EDGE_VIEWS, HIDE_ATTRIBUTION, MAP_MASK, NODE_VIEWS, canvasLabels, mapColour } from "../editor/canvasViews";
import { FAR_EDGES_FROM } from "../editor/FarEdges";
import { CanvasModel, type CanvasNode, type LineEdge, type Marks } from "../editor/canvasModel";
import { TileContext, useTile } from "../editor/tile";
import "../editor/editor.css";
import "../editor/canvas.css";

interface Props {
  readonly flow: Flow;
  readonly types: NodeTypes;
  readonly marks: Marks;
  readonly selected: string | null;
  /** Brought to the middle whenever it changes. */
  readonly focus?: string | null;
  onSelect(node: string | null): void;
}

/** A flow's graph to be looked at, with whatever is marked on it. */
export function GraphView({ flow, types, marks, selected, focus, onSelect }: Props) {
  const { language } = useTexts();
  const [tile, onViewport] = useTile();
  const [model] = useState(() => new CanvasModel());
  const chosen = useMemo(() => new Set(selected ? [selected] : []), [selected]);
  const { nodes, edges } = useMemo(() => model.build(flow, types, chosen, marks), [model, flow, types, chosen, marks]);
  const canvas = useRef<ReactFlowInstance<CanvasNode, LineEdge> | null>(null);
  useEffect(() => {
    const node = focus ? nodeById(flow, focus) : undefined;
    if (!canvas.current) return;
    if (!node) {
      if (focus === null) void canvas.current.fitView({ padding: 0.08, maxZoom: 1, duration: 200 });
      return;
    }
    const zoom = Math.max(canvas.current.getZoom(), 0.7);
    void canvas.current.setCenter(node.position.x + NODE_WIDTH / 2, node.position.y + 60, { zoom, duration: 200 });
  }, [focus, flow]);
  return (
    <div className={tile && edges.length > FAR_EDGES_FROM ? "canvas far" : "canvas"}>
      <TileContext value={tile}>
      <ReactFlow<CanvasNode, LineEdge>
        nodes={nodes}
        edges={edges}
        onViewportChange={onViewport}
        nodeTypes={NODE_VIEWS}
        edgeTypes={EDGE_VIEWS}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesReconnectable={false}
        edgesFocusable={false}
        onNodeClick={(_event, node) => onSelect(node.type === "card" ? node.id : null)}
        onPaneClick={() => onSelect(null)}
        onInit={(instance) => {
          canvas.current = instance;
          if (!focus) void instance.fitView({ padding: 0.08, maxZoom: 1 });
        }}
        onlyRenderVisibleElements={!tile}
        panOnScroll
        minZoom={0.08}
        maxZoom={2}
        deleteKeyCode={null}
        disableKeyboardA11y
        proOptions={HIDE_ATTRIBUTION}
        ariaLabelConfig={canvasLabels(language)}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} size={1.4} color="var(--canvas-dot)" />
        <Controls showInteractive={false} position="bottom-left" />
        <MiniMap<CanvasNode> pannable zoomable position="bottom-right" nodeColor={mapColour} maskColor={MAP_MASK} />
      </ReactFlow>
      </TileContext>
    </div>
  );
}
