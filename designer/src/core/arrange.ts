/** Aligning and spreading what is selected, and the step of the grid. */
import type { Position } from "./flow";

export const GRID = 16;

export const snap = (position: Position): Position => ({
  x: Math.round(position.x / GRID) * GRID,
  y: Math.round(position.y / GRID) * GRID,
});

export interface Box extends Position {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export const ALIGNMENTS = ["left", "centre", "right", "top", "middle", "bottom", "across", "down"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];
export type Positions = Record<string, Position>;

/** New positions that align boxes to their common edge or axis, or spread them evenly `across` or `down`. */
export function align(boxes: readonly Box[], how: Alignment): Positions {
  if (boxes.length < 2) return {};
  const left = Math.min(...boxes.map((b) => b.x));
  const right = Math.max(...boxes.map((b) => b.x + b.width));
  const top = Math.min(...boxes.map((b) => b.y));
  const bottom = Math.max(...boxes.map((b) => b.y + b.height));
  if (how === "across") return spread(boxes, "x", "width", right - left);
  if (how === "down") return spread(boxes, "y", "height", bottom - top);
  const place: Record<Exclude<Alignment, "across" | "down">, (box: Box) => Position> = {
    left: (b) => ({ x: left, y: b.y }),
    centre: (b) => ({ x: (left + right - b.width) / 2, y: b.y }),
    right: (b) => ({ x: right - b.width, y: b.y }),
    top: (b) => ({ x: b.x, y: top }),
    middle: (b) => ({ x: b.x, y: (top + bottom - b.height) / 2 }),
    bottom: (b) => ({ x: b.x, y: bottom - b.height }),
  };
  return Object.fromEntries(boxes.map((box) => [box.id, place[how](box)]));
}

function spread(boxes: readonly Box[], axis: "x" | "y", size: "width" | "height", room: number): Positions {
  const sorted = boxes.toSorted((a, b) => a[axis] - b[axis]);
  const filled = sorted.reduce((sum, box) => sum + box[size], 0);
  const gap = (room - filled) / (sorted.length - 1);
  let at = sorted[0]?.[axis] ?? 0;
  const positions: Positions = {};
  for (const box of sorted) {
    positions[box.id] = axis === "x" ? { x: at, y: box.y } : { x: box.x, y: at };
    at += box[size] + gap;
  }
  return positions;
}
