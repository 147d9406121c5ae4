import { describe, expect, it } from "vitest";
import { applyEdit } from "../src/core/edits";
import type { Flow, Variable } from "../src/core/flow";
import { type NodeType, indexTypes } from "../src/core/nodeTypes";
import { renameVariable, replaceName, typedValue, variableUses } from "../src/core/variables";
import { menuType, sample } from "./samples";

const type: NodeType = {
  ...menuType,
  type: "all",
  ports_from: null,
  schema: {
    properties: {
      when: { type: "string", "x-widget": "expression" },
      keep: { type: "string", "x-widget": "variable" },
      label: { type: "string" },
      text: { type: "object", "x-widget": "texts" },
      prompt: { "x-widget": "prompt" },
      source: { type: "string", "x-widget": "vxml" },
      rows: { type: "array", items: { type: "object", properties: { value: { type: "string", "x-widget": "expression" } } } },
    },
  },
};
const types = indexTypes([type]);
const variable = (name: string): Variable => ({ name, type: "string", initial: null, report: false, masked: false });
const fields = {
  when: "ticket == 'ticket' && order.ticket && application.ticket",
  keep: "ticket",
  label: "ticket",
  text: { "en-US": "Your ticket {ticket}" },
  prompt: [{ kind: "text", text: { "en-US": "ticket" } }, { kind: "value", expr: "ticket", as: "digits" }],
  source: "<form><block><value expr='ticket'/></block></form>",
  rows: [{ value: "1" }, { value: "ticket + 1" }],
};
const flow: Flow = { ...sample, variables: [variable("other"), variable("ticket")], nodes: [{ id: "n", type: "all", title: "", position: { x: 0, y: 0 }, fields }] };

describe("variables", () => {
  it("are found where they are used, and nowhere else", () => {
    expect(variableUses(flow, types, "ticket").map((use) => use.field)).toEqual(["when", "keep", "text", "prompt", "source", "rows"]);
    expect(variableUses(flow, types, "other")).toEqual([]);
    expect(variableUses(flow, types, "")).toEqual([]);
  });
  it("are renamed in expressions, names and texts, not in words and quotation marks", () => {
    const { edit, count } = renameVariable(flow, types, 1, "number");
    const after = applyEdit(flow, edit);
    expect(count).toBe(5);
    expect(after.variables.map((one) => one.name)).toEqual(["other", "number"]);
    expect(after.nodes[0]?.fields).toEqual({
      ...fields,
      when: "number == 'ticket' && order.ticket && application.number",
      keep: "number",
      text: { "en-US": "Your ticket {number}" },
      prompt: [fields.prompt[0], { kind: "value", expr: "number", as: "digits" }],
      rows: [{ value: "1" }, { value: "number + 1" }],
    });
  });
  it("that share a name are told apart by nobody", () => {
    const twice = { ...flow, variables: [variable("ticket"), variable("ticket")] };
    const { edit, count } = renameVariable(twice, types, 0, "number");
    expect(count).toBe(0);
    expect(applyEdit(twice, edit).nodes).toEqual(twice.nodes);
  });
  it("are replaced outside of quotation marks only", () => {
    expect(replaceName("a + 'a' + \"a\\\"a\" + a.a + `a`", "a", "b")).toBe("b + 'a' + \"a\\\"a\" + b.a + `a`");
    expect(replaceName("it's a", "a", "b")).toBe("it's b");
  });
  it("begin with values of their type", () => {
    expect(typedValue("number", "12.5")).toBe(12.5);
    expect(typedValue("number", "x")).toBeUndefined();
    expect(typedValue("boolean", "true")).toBe(true);
    expect(typedValue("object", '{"a": 1}')).toEqual({ a: 1 });
    expect(typedValue("object", "{a")).toBeUndefined();
    expect(typedValue("object", "3")).toBeUndefined();
    expect(typedValue("string", "")).toBeNull();
  });
});
