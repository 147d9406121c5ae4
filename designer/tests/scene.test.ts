import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Rect, around, boundsOf, common, grown, holds, inside, readyAround, seen, touches, under, windowOf } from "../src/core/scene";

const card = (id: string, x: number, y: number) => ({ id, position: { x, y }, width: 100, height: 50 });
const row = [card("a", 0, 0), card("b", 200, 0), card("c", 400, 0), card("d", 2000, 0)];
const edge = (source: string, target: string) => ({ source, target });

describe("a scene", () => {
  it("finds what is under a point, the topmost first, and nothing beside it", () => {
    const above = card("above", 50, 20);
    expect(under([...row, above], { x: 60, y: 30 })?.id).toBe("above");
    expect(under(row, { x: 100, y: 50 })?.id).toBe("a");
    expect(under(row, { x: 101, y: 50 })).toBeUndefined();
  });

  it("knows its bounds, and of an empty flow none", () => {
    expect(boundsOf(row)).toEqual({ x: 0, y: 0, width: 2100, height: 50 });
    expect(boundsOf([])).toBeNull();
  });

  it("is seen through a view", () => {
    expect(seen({ x: -100, y: 50, zoom: 0.5 }, 800, 600)).toEqual({ x: 200, y: -100, width: 1600, height: 1200 });
    const view = seen({ x: 0, y: 0, zoom: 1 }, 100, 100);
    expect(grown(view, 0.5)).toEqual({ x: -50, y: -50, width: 200, height: 200 });
    expect(holds(grown(view, 0.5), view)).toBe(true);
    expect(touches(view, { x: 100, y: 0, width: 10, height: 10 })).toBe(false);
    expect(inside(row, view).map((item) => item.id)).toEqual(["a"]);
  });

  it("joins and cuts frames", () => {
    const a = { x: 0, y: 0, width: 10, height: 10 };
    const b = { x: 6, y: -4, width: 10, height: 10 };
    expect(common(a, b)).toEqual({ x: 6, y: 0, width: 4, height: 6 });
    expect(common(a, { ...b, x: 10 })).toBeNull();
    expect(around(a, b)).toEqual({ x: 0, y: -4, width: 16, height: 14 });
    expect(around(a, null)).toBe(a);
  });

  it("shows of a large flow what is near, the ends of its edges, and edges that only pass", () => {
    const frame = { x: 190, y: -10, width: 50, height: 100 };
    const edges = [edge("a", "b"), edge("b", "c"), edge("a", "d"), edge("c", "d"), edge("c", "nobody")];
    const shown = windowOf(row, edges, frame);
    expect(shown.nodes.map((node) => node.id)).toEqual(["a", "b", "c", "d"]);
    expect(shown.edges).toEqual([edge("a", "b"), edge("b", "c"), edge("a", "d")]);
    expect(windowOf(row, edges, { x: 3000, y: 0, width: 10, height: 10 })).toEqual({ nodes: [], edges: [] });
  });
});

describe("what is ready around a view", () => {
  // Places and zooms as they come of wheels and mini-maps: fractions, far away, huge and tiny.
  const far = fc.oneof(fc.double({ min: -1e7, max: 1e7, noNaN: true }), fc.constantFrom(0, -0, 0.1 + 0.2, 1e7 + 1 / 3, -1e7 / 7, Number.MIN_VALUE));
  const view = fc.record({ x: far, y: far, zoom: fc.oneof(fc.double({ min: 0.08, max: 2, noNaN: true }), fc.constantFrom(0.08, 1 / 3, 0.5, 2)) });
  const size = fc.record({ width: fc.double({ min: 1, max: 4000, noNaN: true }), height: fc.double({ min: 1, max: 4000, noNaN: true }) });

  it("holds the view, is never much larger, and is not made again while the view stands still", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(view, size), { minLength: 1, maxLength: 12 }), (walk) => {
        let ready: Rect | null = null;
        for (const [at, { width, height }] of walk) {
          const now = seen(at, width, height);
          ready = readyAround(now, ready);
          expect(holds(ready, now)).toBe(true);
          expect(ready.width).toBeLessThanOrEqual(now.width * 1.71);
          expect(readyAround(now, ready), "the same object: nothing is drawn anew").toBe(ready);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is not made again with every step of a slow walk", () => {
    let ready: Rect | null = null;
    let made = 0;
    // Zoomed in from far away: what was ready is larger than what may stay.
    for (const at of [{ x: -1e6 / 3, y: 1e5 / 7, zoom: 0.5 }, ...Array.from({ length: 300 }, (_, n) => ({ x: -1e6 / 3 - n / 3, y: 1e5 / 7, zoom: 1.1 }))]) {
      const next = readyAround(seen(at, 1234.5, 777.7), ready);
      if (next !== ready) made += 1;
      ready = next;
    }
    expect(made).toBeLessThan(6);
  });
});
