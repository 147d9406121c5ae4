import { describe, expect, it } from "vitest";
import { around, boundsOf, common, grown, holds, inside, seen, touches, under, windowOf } from "../src/core/scene";

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
