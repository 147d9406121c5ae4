/** A flow's graph to be looked at, of any version: for replay, reports and differences, with whatever lies over it. */
import { Background, BackgroundVariant, Controls, MiniMap, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Flow, nodeById } from "../../core/flow";
import { NODE_WIDTH, type NodeTypes } from "../../core/nodeTypes";
import { Overlays } from "../../core/overlay";
import { useTexts } from "../texts";
import { CanvasModel, type CanvasNode, type LineEdge, type Marks, noMarks } from "./canvasModel";
import { EDGE_VIEWS, HIDE_ATTRIBUTION, MAP_MASK, NODE_VIEWS, canvasLabels, mapColour } from "./canvasViews";
import { FAR_EDGES_FROM } from "./FarEdges";
import { OverlayContext } from "./overlaySigns";
import { TileContext, useTile } from "./tile";
import "./editor.css";
import "./canvas.css";

interface Props {
  readonly flow: Flow;
  readonly types: NodeTypes;
  /** What lies over this canvas; none by default. */
  readonly overlays?: Overlays;
  readonly marks?: Marks;
  readonly selected?: string | null;
  /** Brought to the middle whenever it changes; null shows the whole flow. */
  readonly focus?: string | null;
  readonly minimap?: boolean;
  onSelect?(node: string | null): void;
}

export function ReadOnlyCanvas({ flow, types, overlays, marks = noMarks, selected = null, focus, minimap = true, onSelect }: Props) {
  const { language } = useTexts();
  const [bare] = useState(() => new Overlays());
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
      <OverlayContext value={overlays ?? bare}>
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
            onNodeClick={(_event, node) => onSelect?.(node.type === "card" ? node.id : null)}
            onPaneClick={() => onSelect?.(null)}
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
            {minimap && <MiniMap<CanvasNode> pannable zoomable position="bottom-right" nodeColor={mapColour} maskColor={MAP_MASK} />}
          </ReactFlow>
        </TileContext>
      </OverlayContext>
    </div>
  );
}
