/** Node types and flows that the tests speak about. */
import * as fc from "fast-check";
import { type Flow, emptyFlow } from "../src/core/flow";
import { type NodeType, indexTypes } from "../src/core/nodeTypes";

export const menuType: NodeType = {
  type: "menu",
  title: { "en-US": "Menu", "zh-CN": "菜单" },
  summary: {},
  category: "interaction",
  icon: "menu",
  schema: {
    type: "object",
    properties: {
      prompt: { "x-widget": "prompt", default: [] },
      choices: { type: "array", items: { $ref: "#/$defs/Choice" }, default: [] },
      retries: { type: "integer", default: 3 },
      target: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    },
    $defs: {
      Choice: {
        type: "object",
        properties: { key: { type: "string", default: "1" }, label: { type: "object", title: "Label" } },
        required: ["key", "label"],
      },
    },
  },
  ports: [
    { id: "noinput", kind: "noinput", title: { "en-US": "No input" } },
    { id: "nomatch", kind: "nomatch", title: { "en-US": "Wrong key" } },
  ],
  ports_from: { field: "choices", id: "key", title: "label", kind: "key" },
};

const simple = (type: string, ports: string[]): NodeType => ({
  type,
  title: { "en-US": type },
  summary: {},
  category: "logic",
  icon: "",
  schema: { type: "object" },
  ports: ports.map((id) => ({ id, kind: "next", title: {} })),
});

export const types = indexTypes([simple("start", ["next"]), simple("play", ["next"]), simple("hangup", []), menuType]);

export const choice = (key: string): { key: string; label: Record<string, string> } => ({ key, label: { "en-US": `Key ${key}` } });

export const sample: Flow = {
  ...emptyFlow("demo", { "en-US": "Demo" }, ["en-US", "zh-CN"]),
  variables: [{ name: "ticket", type: "string", initial: "", report: false, masked: false }],
  nodes: [
    { id: "start", type: "start", title: "", position: { x: 0, y: 0 }, fields: {} },
    {
      id: "main",
      type: "menu",
      title: "Main menu",
      position: { x: 320, y: 0 },
      fields: {
        prompt: [{ kind: "text", text: { "en-US": "Press one for repairs", "zh-CN": "报修请按一" } }],
        choices: [choice("1"), choice("2")],
        target: "ticket + 1",
      },
    },
    { id: "bye", type: "hangup", title: "", position: { x: 640, y: 0 }, fields: {} },
  ],
  edges: [
    { from: "start", port: "next", to: "main" },
    { from: "main", port: "1", to: "bye" },
    { from: "main", port: "noinput", to: "bye" },
  ],
};

export const coordinate = fc.integer({ min: -2000, max: 2000 });
export const position = fc.record({ x: coordinate, y: coordinate });
