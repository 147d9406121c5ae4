/** Automatic layout: the flow as a graph for ELK and back. ELK itself runs in a worker, see ui/editor/elk.ts. */
import { type Positions, snap } from "./arrange";
import type { Flow } from "./flow";
import { NODE_WIDTH, type NodeTypes, drawnPorts } from "./nodeTypes";
import { nodeSize } from "./summary";

export interface ElkPort {
  id: string;
  width: number;
  height: number;
  layoutOptions: Record<string, string>;
}
export interface ElkNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  ports?: ElkPort[];
  layoutOptions?: Record<string, string>;
  children?: ElkNode[];
  edges?: { id: string; sources: string[]; targets: string[] }[];
}
export type LayoutEngine = (graph: ElkNode) => Promise<ElkNode>;

const ROOT_OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": "32",
  "elk.layered.spacing.nodeNodeBetweenLayers": "96",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
  "elk.separateConnectedComponents": "true",
};

/** The graph with every port in its order on the right side, so that edges leave where they are drawn. */
export function toElk(flow: Flow, types: NodeTypes, only?: ReadonlySet<string>): ElkNode {
  const nodes = only ? flow.nodes.filter((node) => only.has(node.id)) : flow.nodes;
  const known = new Set(nodes.map((node) => node.id));
  return {
    id: "root",
    layoutOptions: ROOT_OPTIONS,
    children: nodes.map((node) => {
      const ports = drawnPorts(flow, types, node);
      return {
        id: node.id,
        width: NODE_WIDTH,
        height: nodeSize(flow, types, node).height,
        layoutOptions: {
          "elk.portConstraints": "FIXED_ORDER",
          ...(node.type === "start" ? { "elk.layered.layering.layerConstraint": "FIRST" } : {}),
        },
        ports: [
          { id: `${node.id}<`, width: 1, height: 1, layoutOptions: { "elk.port.side": "WEST", "elk.port.index": "0" } },
          // On the east side ELK counts clockwise, that is from the top.
          ...ports.map((port, index) => ({
            id: `${node.id}>${port.id}`,
            width: 1,
            height: 1,
            layoutOptions: { "elk.port.side": "EAST", "elk.port.index": String(index) },
          })),
        ],
      };
    }),
    edges: flow.edges
      .filter((edge) => known.has(edge.from) && known.has(edge.to))
      .map((edge, index) => ({
        id: `e${index}`,
        sources: [`${edge.from}>${edge.port}`],
        targets: [`${edge.to}<`],
      })),
  };
}

/** Positions on the grid from what ELK answered; a part laid out alone keeps its place on the canvas. */
export function fromElk(answer: ElkNode, flow: Flow, only?: ReadonlySet<string>): Positions {
  const placed = (answer.children ?? []).map((node) => ({ id: node.id, x: node.x ?? 0, y: node.y ?? 0 }));
  let shift = { x: 0, y: 0 };
  if (only) {
    const before = flow.nodes.filter((node) => only.has(node.id)).map((node) => node.position);
    shift = {
      x: Math.min(...before.map((p) => p.x)) - Math.min(...placed.map((p) => p.x)),
      y: Math.min(...before.map((p) => p.y)) - Math.min(...placed.map((p) => p.y)),
    };
  }
  return Object.fromEntries(placed.map((p) => [p.id, snap({ x: p.x + shift.x, y: p.y + shift.y })]));
}

export async function layout(
  flow: Flow,
  types: NodeTypes,
  engine: LayoutEngine,
  only?: ReadonlySet<string>,
): Promise<Positions> {
  return fromElk(await engine(toElk(flow, types, only)), flow, only);
}
