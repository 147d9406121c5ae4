import { describe, expect, it } from "vitest";
import { alone, deedOf, peopleOverlay, receivePeople } from "../src/core/presence";

const person = (page: string, user: string, nodes: unknown = []) => ({ page, user, nodes, unsaved: false });

describe("presence", () => {
  const there = [{ type: "hello", page: "me" }, { type: "people", people: [person("me", "ann", ["x"]), person("p2", "bob", ["menu", 7]), person("p3", "ann", ["menu"])] }];
  const presence = there.reduce(receivePeople, alone);
  it("knows the others, among them one's own other windows", () => {
    expect(presence.others.map((one) => `${one.user} ${one.nodes.join()}`)).toEqual(["bob menu", "ann menu"]);
    expect(peopleOverlay(presence.others)).toEqual({ nodes: { menu: { tone: "person", badge: "bob, ann" } }, edges: {} });
  });
  it("is not disturbed by what it does not know", () => {
    for (const message of [{}, { type: "people" }, { type: "people", people: "all" }, { type: "new" }]) expect(receivePeople(presence, message)).toBe(presence);
    expect(receivePeople(presence, { type: "people", people: [null, 3] }).others).toEqual([]);
  });
  it("hears what others did", () => {
    expect(deedOf({ type: "saved", by: "bob", revision: 7 })).toEqual({ kind: "saved", by: "bob", revision: "7" });
    expect(deedOf({ type: "published", by: "bob", version: 3, test: true })).toEqual({ kind: "published", by: "bob", version: 3, test: true });
    expect(deedOf({ type: "people" })).toBeUndefined();
  });
});
