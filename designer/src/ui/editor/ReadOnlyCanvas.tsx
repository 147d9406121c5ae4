/** A flow's graph to be looked at, of any version: for replay, reports and differences, with whatever lies over it. */
import { useEffect, useMemo, useRef, useState } from "react";
import { type Flow, nodeById } from "../../core/flow";
import { NODE_WIDTH, type NodeTypes } from "../../core/nodeTypes";
import { Overlays } from "../../core/overlay";
import { FlowSurface } from "./FlowSurface";
import { CanvasModel, type Marks, noMarks } from "./canvasModel";
import type { CanvasHandle } from "./flowHandle";
import { useTexts } from "../texts";
import { OverlayContext } from "./overlaySigns";
import { namesIn } from "./portSigns";
import "./editor.css";

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

const LOOKING = { nodesDraggable: false, nodesConnectable: false, edgesReconnectable: false, edgesFocusable: false } as const;
const MOVE_MS = 200;
const calm = (): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : MOVE_MS);

export function ReadOnlyCanvas({ flow, types, overlays, marks = noMarks, selected = null, focus, minimap = true, onSelect }: Props) {
  const [bare] = useState(() => new Overlays());
  const [model] = useState(() => new CanvasModel());
  const chosen = useMemo(() => new Set(selected ? [selected] : []), [selected]);
  const texts = useTexts();
  const { nodes, edges } = useMemo(() => model.build(flow, types, chosen, marks, namesIn(texts)), [model, flow, types, chosen, marks, texts]);
  const canvas = useRef<CanvasHandle | null>(null);
  useEffect(() => {
    const node = focus ? nodeById(flow, focus) : undefined;
    if (!canvas.current) return;
    if (!node) {
      if (focus === null) void canvas.current.fitView({ padding: 0.08, maxZoom: 1, duration: calm() });
      return;
    }
    const zoom = Math.max(canvas.current.getZoom(), 0.7);
    void canvas.current.setCenter(node.position.x + NODE_WIDTH / 2, node.position.y + 60, { zoom, duration: calm() });
  }, [focus, flow]);
  const cards = useMemo(() => new Set(flow.nodes.map((node) => node.id)), [flow.nodes]);
  const choose = (ids: readonly string[]): void => onSelect?.(ids.find((id) => cards.has(id)) ?? null);
  return (
    <OverlayContext value={overlays ?? bare}>
      <FlowSurface
        settled={nodes}
        edges={edges}
        selected={chosen}
        grid
        minimap={minimap}
        flow={{ ...LOOKING, onNodeClick: (_event, node) => choose([node.id]), onPaneClick: () => choose([]) }}
        onSelect={choose}
        onReady={(handle) => {
          canvas.current = handle;
          const node = focus ? nodeById(flow, focus) : undefined;
          if (node) void handle.setCenter(node.position.x + NODE_WIDTH / 2, node.position.y + 60, { zoom: 0.8 });
          else void handle.fitView({ padding: 0.08, maxZoom: 1 });
        }}
      />
    </OverlayContext>
  );
}
