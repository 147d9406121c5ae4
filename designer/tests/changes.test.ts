import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bothFlows, changesIn, differenceOverlay, edgeOf, itemsOf, nodeChanges, shownValue } from "../src/core/changes";
import { compare } from "../src/core/difference";
import { type Flow, emptyFlow } from "../src/core/flow";

const node = (id: string, x: number, fields = {}) => ({ id, type: "play", title: "", position: { x, y: 0 }, fields });
const base: Flow = {
  ...emptyFlow("f", {}, ["en-US"]),
  nodes: [{ id: "start", type: "start", title: "", position: { x: 0, y: 0 }, fields: {} }, node("a", 300, { prompt: [{ kind: "text", text: { "en-US": "Hello" } }] }), node("gone", 600)],
  edges: [{ from: "start", port: "next", to: "a" }, { from: "a", port: "next", to: "gone" }],
};
const changed: Flow = {
  ...base,
  languages: ["en-US", "zh-CN"],
  nodes: [base.nodes[0] as never, node("a", 300, { prompt: [{ kind: "text", text: { "en-US": "Good day", "zh-CN": "您好" } }] }), node("new", 650)],
  edges: [{ from: "start", port: "next", to: "a" }, { from: "a", port: "next", to: "new" }],
};

describe("a difference to look at", () => {
  const difference = compare(base, changed);
  it("has both versions on one canvas", () => {
    const both = bothFlows(base, changed);
    expect(both.nodes.map((one) => one.id)).toEqual(["start", "a", "new", "gone"]);
    expect(both.edges.map((edge) => edge.to)).toEqual(["a", "new", "gone"]);
    const overlay = differenceOverlay(difference);
    expect(overlay.nodes).toEqual({ a: { tone: "changed" }, new: { tone: "added" }, gone: { tone: "removed" } });
    expect(overlay.edges).toEqual({ "a|next>new": { tone: "added" }, "a|next>gone": { tone: "removed" } });
  });
  it("is walked from left to right, settings first", () => {
    const walk = itemsOf(difference, bothFlows(base, changed)).map((item) => `${item.kind} ${item.id} ${item.mark}`);
    expect(walk).toEqual(["setting languages changed", "node a changed", "edge a|next>gone removed", "edge a|next>new added", "node gone removed", "node new added"]);
  });
  it("says what changed in a node field by field", () => {
    expect(nodeChanges(base.nodes[1], changed.nodes[1])).toEqual([
      { path: ["prompt", "0", "text", "en-US"], before: "Hello", after: "Good day" },
      { path: ["prompt", "0", "text", "zh-CN"], before: undefined, after: "您好" },
    ]);
    expect(nodeChanges(undefined, changed.nodes[2])).toEqual([{ path: ["type"], before: undefined, after: "play" }]);
    expect([undefined, "", 0, { a: 1 }].map(shownValue)).toEqual(["–", "–", "0", '{"a":1}']);
  });
  it("finds the ends of an edge whatever its port is called", () => {
    expect(edgeOf("menu|a>b|c>next")).toEqual({ from: "menu", port: "a>b|c", to: "next" });
  });
  it("finds nothing in equal values, and something in different ones", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(changesIn(a, structuredClone(a))).toEqual([]);
      // Of two values that differ, an empty list beside an empty list or record beside record says nothing; everything else does.
      if (JSON.stringify(a) === JSON.stringify(b)) expect(changesIn(a, b)).toEqual([]);
    }));
  });
});
