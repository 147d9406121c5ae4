/**
 * The sheet that a flow lies on, with the dots of the grid.
 *
 * It is part of the layer that moves: one sheet under all cards and edges lets the browser keep them together in one layer,
 * where it would else make a layer of nearly every card and put hundreds of them together again with every step.
 */
import { ViewportPortal } from "@xyflow/react";
import type { Rect } from "../../core/scene";
import { GRID } from "../../core/arrange";

/** The sheet ends far outside of what there is to see. */
const BEYOND = 4096;
const onGrid = (value: number): number => Math.floor(value / GRID) * GRID;

export function Sheet({ bounds, dots }: { bounds: Rect; dots: boolean }) {
  const left = onGrid(bounds.x - BEYOND);
  const top = onGrid(bounds.y - BEYOND);
  return (
    <ViewportPortal>
      <div className={dots ? "sheet dots" : "sheet"} style={{ left, top, width: bounds.width + 2 * BEYOND, height: bounds.height + 2 * BEYOND }} aria-hidden />
    </ViewportPortal>
  );
}
