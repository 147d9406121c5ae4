/** Of a large flow only what is near the view is in the page; far away all of it is one picture. */
import { useCallback, useMemo, useRef, useState } from "react";
import { type Rect, type View, readyAround, seen, windowOf } from "../../core/scene";
import type { CanvasNode, LineEdge } from "./canvasModel";

/** From this many nodes on a flow is large. */
export const LARGE_FROM = 250;

/** Seen from farther away, words cannot be read: cards become coloured tiles, and those of a large flow a picture. */
export const TILE_ZOOM = 0.38;
export const PICTURE_ZOOM = 0.5;

interface Shown {
  /** Cards are tiles. */
  readonly tile: boolean;
  /** All is one picture, and nothing of it in the page. */
  readonly picture: boolean;
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly LineEdge[];
  onViewport(view: View): void;
  /** Tells how large the canvas is. */
  onSize(width: number, height: number): void;
}

const nothing = { nodes: [] as CanvasNode[], edges: [] as LineEdge[] };

/** `settled`: the nodes where the flow has them; `nodes`: the same, those being dragged where the pointer has them. */
export function useVisibleWindow(settled: readonly CanvasNode[], nodes: readonly CanvasNode[], edges: readonly LineEdge[]): Shown {
  const large = settled.length >= LARGE_FROM;
  const [zoomedOut, setZoomedOut] = useState({ tile: false, picture: false });
  const [frame, setFrame] = useState<Rect | null>(null);
  const view = useRef<View | null>(null);
  const size = useRef({ width: 1440, height: 900 });
  const ready = useRef<Rect | null>(null);

  const look = useCallback((): void => {
    if (!view.current) return;
    const { zoom } = view.current;
    setZoomedOut((before) => {
      const now = { tile: zoom < TILE_ZOOM, picture: zoom < PICTURE_ZOOM };
      return before.tile === now.tile && before.picture === now.picture ? before : now;
    });
    const now = seen(view.current, size.current.width, size.current.height);
    const next = readyAround(now, ready.current);
    if (next === ready.current) return;
    ready.current = next;
    setFrame(next);
  }, []);
  const onViewport = useCallback(
    (next: View): void => {
      view.current = next;
      look();
    },
    [look],
  );
  const onSize = useCallback(
    (width: number, height: number): void => {
      size.current = { width, height };
      look();
    },
    [look],
  );

  const picture = large && zoomedOut.picture;
  // Who is shown follows what the flow has: while something is dragged only places change.
  const part = useMemo(() => {
    if (!large || picture || !frame) return null;
    const found = windowOf(settled, edges, frame);
    return { ids: new Set(found.nodes.map((node) => node.id)), edges: found.edges };
  }, [large, picture, frame, settled, edges]);
  const near = useMemo(() => (part ? nodes.filter((node) => part.ids.has(node.id)) : nothing.nodes), [part, nodes]);
  return { tile: large ? false : zoomedOut.tile, picture, nodes: large ? near : nodes, edges: large ? (part?.edges ?? nothing.edges) : edges, onViewport, onSize };
}
