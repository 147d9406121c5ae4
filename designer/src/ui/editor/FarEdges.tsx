/** All edges of a large flow seen from far away, as one picture: a few paths, one a kind, instead of thousands of elements. */
import { Position, ViewportPortal, getBezierPath } from "@xyflow/react";
import type { CanvasNode, LineEdge } from "./canvasModel";
import { portColour } from "./portSigns";
import type { PortKind } from "../../core/nodeTypes";

/** Up to this many, edges stay elements of their own, to be pointed at. */
export const FAR_EDGES_FROM = 250;

const IN_OFFSET = 23;

export function FarEdges({ nodes, edges }: { nodes: readonly CanvasNode[]; edges: readonly LineEdge[] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const paths = new Map<string, string[]>();
  for (const edge of edges) {
    const from = byId.get(edge.source);
    const to = byId.get(edge.target);
    const handle = from?.handles?.find((item) => item.id === edge.sourceHandle);
    if (!from || !to || !handle) continue;
    const [path] = getBezierPath({
      sourceX: from.position.x + handle.x,
      sourceY: from.position.y + handle.y,
      sourcePosition: Position.Right,
      targetX: to.position.x,
      targetY: to.position.y + IN_OFFSET,
      targetPosition: Position.Left,
      curvature: 0.3,
    });
    const colour = edge.data?.marks.caller ? "var(--live)" : portColour((edge.data?.port?.kind ?? "other") as PortKind);
    const parts = paths.get(colour);
    if (parts) parts.push(path);
    else paths.set(colour, [path]);
  }
  return (
    <ViewportPortal>
      <svg className="far-edges" aria-hidden>
        {[...paths].map(([colour, parts]) => (
          <path key={colour} d={parts.join("")} style={{ stroke: colour }} />
        ))}
      </svg>
    </ViewportPortal>
  );
}
