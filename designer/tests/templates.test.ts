import { describe, expect, it } from "vitest";
import { clipText, copy, paste, readClip } from "../src/core/clipboard";
import { applyEdit } from "../src/core/edits";
import { type Flow, emptyFlow } from "../src/core/flow";
import { type Template, flowFrom, inLanguages, insertTemplate, needsQueue, templateOf, testFrom, withQueue } from "../src/core/templates";
import type { NodeType } from "../src/core/nodeTypes";
import { menuType, sample, types } from "./samples";

const template: Template = { id: "demo", title: { "en-US": "Demo" }, summary: {}, flow: sample, test: { name: "A call", flow: "demo", steps: [] }, own: false };

describe("templates", () => {
  it("make a flow of another id, name and language, with a test of it", () => {
    const flow = flowFrom(template, { id: "mine", name: { "zh-CN": "我的" }, languages: ["zh-CN"] });
    expect(flow).toMatchObject({ id: "mine", name: { "zh-CN": "我的" }, languages: ["zh-CN"] });
    expect(flow.nodes[1]?.fields["prompt"]).toEqual([{ kind: "text", text: { "zh-CN": "报修请按一" } }]);
    expect(flow.edges).toEqual(sample.edges);
    expect(testFrom(template, "mine")).toEqual({ name: "A call", flow: "mine", steps: [] });
  });
  it("keep the texts of other languages where the wanted one has none", () => {
    expect(inLanguages({ a: { "en-US": "x", "zh-CN": "y" }, b: { "en-US": "z" } }, ["zh-CN"])).toEqual({ a: { "zh-CN": "y" }, b: { "en-US": "z" } });
    expect(inLanguages([{ key: "1" }, null, {}], ["zh-CN"])).toEqual([{ key: "1" }, null, {}]);
  });
  it("go into an open flow as a titled group with their variables, and out again with one undo", () => {
    const flow = { ...emptyFlow("other", {}, ["en-US"]), nodes: sample.nodes.slice(0, 2) };
    const inserted = insertTemplate(flow, types, template, "Demo", { x: 0, y: 600 });
    const after = applyEdit(flow, inserted?.edit ?? { kind: "batch", edits: [] });
    expect(after.nodes).toHaveLength(flow.nodes.length + sample.nodes.length - 1);
    expect(new Set(after.nodes.map((node) => node.id)).size).toBe(after.nodes.length);
    const frame = after.notes.find((note) => note.frame);
    expect(frame).toMatchObject({ text: "Demo", position: { x: 0, y: 600 } });
    for (const id of inserted?.nodes ?? []) {
      const at = after.nodes.find((node) => node.id === id)?.position;
      expect(at?.x).toBeGreaterThan(0);
      expect(at?.y).toBeGreaterThan(600);
      expect((at?.x ?? 0) + 232).toBeLessThan(frame?.width ?? 0);
    }
  });
  it("are made of a selection, which begins where nothing in it leads to", () => {
    const ids = sample.nodes.filter((node) => node.type !== "start").map((node) => node.id);
    const made = templateOf(sample, ids, [], "part", { "en-US": "Part" });
    expect(made?.nodes[0]?.type).toBe("start");
    expect(made?.edges[0]).toEqual({ from: made?.nodes[0]?.id, port: "next", to: "main" });
    expect(templateOf(sample, ["start"], [], "part", {})).toBeUndefined();
  });
  it("ask for a queue where one of their nodes needs it", () => {
    const queue: NodeType = { ...menuType, type: "queue", schema: { properties: { queue: { "x-widget": "queue" } } } };
    const queueTypes = new Map([...types, [queue.type, queue] as const]);
    const flow: Flow = { ...sample, nodes: [...sample.nodes, { id: "q", type: "queue", title: "", position: { x: 0, y: 0 }, fields: { queue: "" } }] };
    expect(needsQueue(template, queueTypes)).toBe(false);
    expect(needsQueue({ ...template, flow }, queueTypes)).toBe(true);
    expect(withQueue(flow, queueTypes, "repairs").nodes.at(-1)?.fields).toEqual({ queue: "repairs" });
  });
});

describe("copied nodes", () => {
  const flow: Flow = { ...sample, nodes: sample.nodes.map((node) => (node.id === "main" ? { ...node, fields: { ...node.fields, target: "ticket" } } : node)) };
  it("bring their variables along to a flow that does not have them", () => {
    const clip = copy(flow, ["main"], []);
    expect(clip?.variables?.map((variable) => variable.name)).toEqual(["ticket"]);
    const read = readClip(clipText(clip ?? (undefined as never)));
    const after = applyEdit(emptyFlow("other", {}, []), paste(emptyFlow("other", {}, []), read ?? (undefined as never)).edit);
    expect(after.variables.map((variable) => variable.name)).toEqual(["ticket"]);
    expect(applyEdit(flow, paste(flow, read ?? (undefined as never)).edit).variables).toEqual(flow.variables);
  });
  it("leave out what is no variable", () => {
    const clip = { ...copy(flow, ["main"], []), variables: [null, { name: "1x" }, { name: "ok", type: "string" }] };
    expect(readClip(JSON.stringify(clip))?.variables).toEqual([{ name: "ok", type: "string" }]);
  });
});
