/** What follows from moving things: snapping is the canvas's, a frame takes along the nodes that stand on it. */
import type { Positions } from "../../core/arrange";
import type { Flow, Note, Position } from "../../core/flow";
import { NODE_WIDTH } from "../../core/nodeTypes";

const inside = (frame: Note, at: Position): boolean =>
  at.x >= frame.position.x &&
  at.y >= frame.position.y &&
  at.x + NODE_WIDTH <= frame.position.x + frame.width &&
  at.y <= frame.position.y + frame.height;

/** Adds to moved frames what stands on them, unless it was moved itself. */
export function withFrames(flow: Flow, moved: Positions): Positions {
  const all: Positions = { ...moved };
  for (const frame of flow.notes) {
    const to = Object.hasOwn(moved, frame.id) ? moved[frame.id] : undefined;
    if (!frame.frame || !to) continue;
    const dx = to.x - frame.position.x;
    const dy = to.y - frame.position.y;
    for (const item of [...flow.nodes, ...flow.notes]) {
      if (item.id === frame.id || Object.hasOwn(moved, item.id) || !inside(frame, item.position)) continue;
      all[item.id] = { x: item.position.x + dx, y: item.position.y + dy };
    }
  }
  return all;
}
