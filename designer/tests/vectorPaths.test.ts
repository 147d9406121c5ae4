import { describe, expect, it } from "vitest";
import { pathOf, placedPath } from "../src/core/vectorPaths";
import { shapesOf } from "../src/ui/editor/CardSigns";
import { PhoneOff, Grid3x3, CircleHelp } from "lucide-react";

describe("a path in pixels", () => {
  it("is scaled in all its lengths", () => {
    expect(placedPath("M3 9h18", 0.5)).toBe("M1.5 4.5h9");
    expect(placedPath("M10.1-3.5c1 2,3 4 5-6z", 2)).toBe("M20.2 -7c2 4 6 8 10 -12z");
  });
  it("keeps the turn and the flags of arcs, written apart or together", () => {
    expect(placedPath("a14 7 30 0 1 4.5 2", 0.5)).toBe("a7 3.5 30 0 1 2.25 1");
    expect(placedPath("a2 2 0 012 2", 3)).toBe("a6 6 0 0 1 6 6");
    expect(placedPath("A2 2 0 0 1 17 15 1 1 0 0 0 3-4", 1)).toBe("A2 2 0 0 1 17 15 1 1 0 0 0 3 -4");
  });
  it("is shifted where it names places, not where it names ways", () => {
    expect(placedPath("M1 2L3 4h5H6v7V8l1 1", 2, 10, 100)).toBe("M12 104L16 108h10H22v14V116l2 2");
    expect(placedPath("m9 18 6-6-6-6", 1, 10, 100)).toBe("M19 118l6 -6 -6 -6");
    expect(placedPath("m9 18m1 1", 1, 10, 100)).toBe("M19 118m1 1");
    expect(placedPath("M0 0A2 2 0 0 1 17 15C1 2 3 4 5 6", 1, 10, 100)).toBe("M10 100A2 2 0 0 1 27 115C11 102 13 104 15 106");
  });
  it("stands for every plain shape", () => {
    expect(pathOf(["circle", { cx: "12", cy: "12", r: "10" }])).toBe("M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z");
    expect(pathOf(["line", { x1: "1", y1: "2", x2: "3", y2: "4" }])).toBe("M1 2L3 4");
    expect(pathOf(["rect", { x: 3, y: 3, width: 18, height: 18 }])).toBe("M3 3h18v18h-18z");
    expect(pathOf(["rect", { x: 0, y: 0, width: 10, height: 8, rx: "2" }])).toBe("M2 0h6a2 2 0 0 1 2 2v4a2 2 0 0 1 -2 2h-6a2 2 0 0 1 -2 -2v-4a2 2 0 0 1 2 -2z");
    expect(pathOf(["polygon", { points: "1 2 3 4" }])).toBe("M1 2 3 4z");
    expect(() => pathOf(["text", {}])).toThrow("<text>");
  });
  it("is there for the icons that cards have", () => {
    for (const icon of [PhoneOff, Grid3x3, CircleHelp]) expect(shapesOf(icon).map(pathOf).join("")).toMatch(/^M/);
  });
});
