/** A flow as a small picture: its nodes where they stand, in the colours of their categories. */
import { type Flow, nodeById } from "../../core/flow";
import { NODE_WIDTH, type NodeTypes } from "../../core/nodeTypes";
import { nodeSize } from "../../core/summary";

const MARGIN = 24;

export function FlowPicture({ flow, types, label }: { flow: Flow; types: NodeTypes; label?: string }) {
  const boxes = flow.nodes.map((node) => ({ node, ...node.position, ...nodeSize(flow, types, node) }));
  if (boxes.length === 0) return null;
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return (
    <svg className="flow-picture" viewBox={`${left} ${top} ${right - left} ${bottom - top}`} preserveAspectRatio="xMidYMid meet" {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}>
      {flow.edges.map((edge) => {
        const from = nodeById(flow, edge.from)?.position;
        const to = nodeById(flow, edge.to)?.position;
        if (!from || !to) return null;
        const [x1, y1, x2, y2] = [from.x + NODE_WIDTH, from.y + 60, to.x, to.y + 24];
        const bend = Math.max(60, Math.abs(x2 - x1) / 2);
        return <path key={`${edge.from} ${edge.port}`} d={`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />;
      })}
      {boxes.map(({ node, x, y, width, height }) => (
        <rect key={node.id} x={x} y={y} width={width} height={height} rx={18} style={{ fill: `var(--${types.get(node.type)?.category ?? "end"})` }} />
      ))}
    </svg>
  );
}
