/** Where a new node goes that nobody dragged: never upon another. */
import { type Box, GRID, snap } from "./arrange";
import type { Flow, FlowNode, Position } from "./flow";
import { NODE_WIDTH, type NodeTypes, drawnPorts } from "./nodeTypes";
import { nodeSize } from "./summary";

const GAP = 2 * GRID;
const BETWEEN = 6 * GRID;

export const boxesOf = (flow: Flow, types: NodeTypes): Box[] => flow.nodes.map((node) => ({ id: node.id, ...node.position, ...nodeSize(flow, types, node) }));

const overlap = (a: Omit<Box, "id">, b: Omit<Box, "id">): boolean =>
  a.x < b.x + b.width + GAP && b.x < a.x + a.width + GAP && a.y < b.y + b.height + GAP && b.y < a.y + a.height + GAP;

/** The wanted place, or the next free one below it. */
export function freePlace(boxes: readonly Box[], wanted: Position, size: { readonly width: number; readonly height: number }): Position {
  let at = snap(wanted);
  for (;;) {
    const inTheWay = boxes.filter((box) => overlap({ ...at, ...size }, box));
    if (inTheWay.length === 0) return at;
    const below = Math.max(...inTheWay.map((box) => box.y + box.height)) + GAP;
    at = { x: at.x, y: Math.ceil(below / GRID) * GRID };
  }
}

/** The first way out of a node that has to lead somewhere and does not yet. */
export const openPort = (flow: Flow, types: NodeTypes, node: FlowNode): string | undefined =>
  drawnPorts(flow, types, node).find((port) => port.required !== false && !flow.edges.some((edge) => edge.from === node.id && edge.port === port.id))?.id;

export const behind = (node: FlowNode): Position => ({ x: node.position.x + NODE_WIDTH + BETWEEN, y: node.position.y });
