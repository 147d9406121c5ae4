import { describe, expect, it } from "vitest";
import { Overlays } from "../src/core/overlay";

const at = (overlays: Overlays, id: string): string[] => (overlays.store.getState().nodes.get(id)?.signs ?? []).map((sign) => `${sign.overlay}:${sign.tone}`);

describe("overlays", () => {
  it("shows every panel's sign, the strongest first", () => {
    const overlays = new Overlays();
    overlays.set("stops", { nodes: { menu: { tone: "breakpoint" } }, edges: {} });
    overlays.set("tests", { nodes: { menu: { tone: "passed", badge: "3" } }, edges: {} });
    overlays.set("call", { nodes: { menu: { tone: "current" } }, edges: { "start|next": { tone: "passed" } } });
    expect(at(overlays, "menu")).toEqual(["call:current", "tests:passed", "stops:breakpoint"]);
    expect(overlays.store.getState().nodes.get("menu")?.tone).toBe("current");
    overlays.clear("call");
    expect(at(overlays, "menu")).toEqual(["tests:passed", "stops:breakpoint"]);
    expect(overlays.store.getState().edges.size).toBe(0);
  });

  it("keeps what did not change, so that only changed cards are drawn anew", () => {
    const overlays = new Overlays();
    overlays.set("tests", { nodes: { a: { tone: "passed" }, b: { tone: "missed" } }, edges: {} });
    const before = overlays.store.getState();
    overlays.set("tests", { nodes: { a: { tone: "passed" }, b: { tone: "passed" } }, edges: {} });
    const after = overlays.store.getState();
    expect(after.nodes.get("a")).toBe(before.nodes.get("a"));
    expect(after.nodes.get("b")).not.toBe(before.nodes.get("b"));
    expect(after.edges).toBe(before.edges);
    overlays.set("tests", { nodes: { a: { tone: "passed" }, b: { tone: "passed" } }, edges: {} });
    expect(overlays.store.getState()).toBe(after);
  });

  it("takes names from authors: constructor is a node like any other", () => {
    const overlays = new Overlays();
    overlays.set("tests", { nodes: Object.fromEntries([["constructor", { tone: "failed" as const }]]), edges: {} });
    overlays.set("call", { nodes: { a: { tone: "current" } }, edges: {} });
    expect(at(overlays, "constructor")).toEqual(["tests:failed"]);
    overlays.clear("tests");
    expect(at(overlays, "constructor")).toEqual([]);
  });
});
