/** Seen from far away, words cannot be read: cards become coloured tiles, which are drawn quickly. */
import { createContext, useCallback, useState } from "react";

export const TILE_ZOOM = 0.38;

/** Whether cards are tiles now. A context, as a thousand cards that each watch the canvas would make it slow. */
export const TileContext = createContext(false);

/** The flag, and what follows the canvas's zoom to keep it. */
export function useTile(): [boolean, (viewport: { zoom: number }) => void] {
  const [tile, setTile] = useState(false);
  return [tile, useCallback(({ zoom }) => setTile(zoom < TILE_ZOOM), [])];
}
