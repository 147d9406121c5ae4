/** Where things stand, apart from any view: what is under a point, inside a frame, near what is seen. */
import type { Position } from "./flow";

export interface Rect extends Position {
  readonly width: number;
  readonly height: number;
}
export interface Standing {
  readonly id: string;
  readonly position: Position;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}
export interface View extends Position {
  readonly zoom: number;
}

export const rectOf = ({ position, width = 0, height = 0 }: Standing): Rect => ({ ...position, width, height });

export const touches = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const holds = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;

export const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  x: x - width * by,
  y: y - height * by,
  width: width * (1 + 2 * by),
  height: height * (1 + 2 * by),
});

/** What both hold; nothing where they lie apart. */
export function common(a: Rect, b: Rect): Rect | null {
  if (!touches(a, b)) return null;
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return { x, y, width: Math.min(a.x + a.width, b.x + b.width) - x, height: Math.min(a.y + a.height, b.y + b.height) - y };
}

/** The smallest that holds both. */
export function around(a: Rect, b: Rect | null): Rect {
  if (!b) return a;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

/** The part of the flow that is seen through a window of that size. */
export const seen = ({ x, y, zoom }: View, width: number, height: number): Rect => ({
  x: -x / zoom,
  y: -y / zoom,
  width: width / zoom,
  height: height / zoom,
});

/**
 * How much beyond the view is made ready, in views, when less than the least is; and how far beyond it things may stay.
 * The steps are small: a column of cards at a time is made within a frame, half a screen of them is a halt that can be seen.
 */
const AHEAD = 0.22;
const LEAST = 0.1;
const KEPT = 0.35;
/** Of a view's width: places are sums of fractions, which never come out quite the same. */
const ROUNDING = 1e-6;

/** What is to be ready around a view: what was before, the very same object, as long as that will do. */
export function readyAround(now: Rect, before: Rect | null): Rect {
  const far = grown(now, KEPT);
  const room = { width: far.width * (1 + ROUNDING), height: far.height * (1 + ROUNDING) };
  if (before && holds(before, grown(now, LEAST)) && before.width <= room.width && before.height <= room.height) return before;
  return before ? around(grown(now, AHEAD), common(before, far)) : grown(now, AHEAD);
}

export function boundsOf(items: readonly Standing[]): Rect | null {
  const [first] = items;
  if (!first) return null;
  let { x: left, y: top } = first.position;
  let right = left;
  let bottom = top;
  for (const { position, width = 0, height = 0 } of items) {
    left = Math.min(left, position.x);
    top = Math.min(top, position.y);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The topmost thing at a point; later things stand above earlier ones. */
export function under<T extends Standing>(items: readonly T[], { x, y }: Position): T | undefined {
  return items.findLast(
    ({ position, width = 0, height = 0 }) => x >= position.x && x <= position.x + width && y >= position.y && y <= position.y + height,
  );
}

export const inside = <T extends Standing>(items: readonly T[], frame: Rect): T[] => items.filter((item) => touches(rectOf(item), frame));

interface Joined {
  readonly source: string;
  readonly target: string;
}

/** What has to be there for a part of the flow to look right: the things in it, the edges that touch it, and the ends of these. */
export function windowOf<N extends Standing, E extends Joined>(nodes: readonly N[], edges: readonly E[], frame: Rect): { nodes: N[]; edges: E[] } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const shown = new Set(inside(nodes, frame).map((node) => node.id));
  const ends = new Set(shown);
  const crossing = edges.filter(({ source, target }) => {
    if (shown.has(source) || shown.has(target)) return true;
    const pair = [byId.get(source), byId.get(target)].filter((node) => node !== undefined);
    const box = pair.length === 2 ? boundsOf(pair) : null;
    return box !== null && touches(box, frame);
  });
  for (const { source, target } of crossing) ends.add(source).add(target);
  return { nodes: nodes.filter((node) => ends.has(node.id)), edges: crossing };
}
