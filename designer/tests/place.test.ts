import * as fc from "fast-check";
import { edgeKey } from "../src/core/flow";
import { describe, expect, it } from "vitest";
import { Editor } from "../src/core/editor";
import { freePlace } from "../src/core/place";
import { sample, types } from "./samples";

const opened = (): Editor => new Editor({ flow: sample, revision: "1", published: null, types, now: () => 0 });

describe("a node that nobody dragged", () => {
  it("never lies upon another", () => {
    const box = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }), width: fc.constant(232), height: fc.integer({ min: 46, max: 400 }) });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 12 }), box, (boxes, wanted) => {
        const size = { width: wanted.width, height: wanted.height };
        const at = freePlace(boxes.map((one, n) => ({ id: `n${n}`, ...one })), wanted, size);
        for (const one of boxes) {
          const apart = at.x >= one.x + one.width || one.x >= at.x + size.width || at.y >= one.y + one.height || one.y >= at.y + size.height;
          expect(apart).toBe(true);
        }
      }),
    );
  });
  it("goes behind the selected one, to its first way out that leads nowhere, in one step of the history", () => {
    const editor = opened();
    editor.select({ nodes: ["main"] });
    const id = editor.addBehind("play", { x: 0, y: 0 });
    expect(editor.flow.edges.filter((edge) => edge.to === id)).toEqual([{ from: "main", port: "2", to: id }]);
    expect(editor.flow.nodes.find((node) => node.id === id)?.position.x).toBeGreaterThan(320);
    editor.undo();
    expect(editor.flow).toEqual(sample);
  });
  it("goes between the ends of an edge that alone is selected", () => {
    const editor = opened();
    const [first] = editor.flow.edges;
    if (!first) throw new Error("the sample has no edge");
    editor.select({ edges: [edgeKey(first)] });
    const id = editor.addBehind("play", { x: 0, y: 0 });
    expect(editor.flow.edges).toContainEqual({ ...first, to: id });
    expect(editor.flow.edges).toContainEqual({ from: id, port: "next", to: first.to });
    editor.undo();
    expect(editor.flow).toEqual(sample);
  });
});
