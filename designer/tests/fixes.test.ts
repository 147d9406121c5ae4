import { describe, expect, it } from "vitest";
import { applyEdit } from "../src/core/edits";
import { valueAt, withValueAt } from "../src/core/fieldPaths";
import { fixesOf, guessType, nearest } from "../src/core/fixes";
import type { Flow } from "../src/core/flow";
import type { Problem } from "../src/core/problems";
import { sample, types } from "./samples";

const problem = (code: string, place: Partial<Problem>): Problem => ({ severity: "error", code, node: null, port: null, field: null, message: {}, ...place });

/** The flow after each of a problem's fixes. */
const mended = (flow: Flow, found: Problem): [string, Flow][] => fixesOf(found, flow, types).map((fix) => [fix.title, applyEdit(flow, fix.edit)]);

const withFields = (fields: Record<string, unknown>): Flow => ({ ...sample, nodes: sample.nodes.map((node) => (node.id === "main" ? { ...node, fields: { ...node.fields, ...fields } } : node)) });
const fieldsOf = (flow: Flow | undefined) => flow?.nodes.find((node) => node.id === "main")?.fields;

describe("paths of fields", () => {
  it("reads and writes values, and takes them away", () => {
    const value = { rows: [{ key: "1" }, { key: "2" }], "a": 1 };
    expect(valueAt(value, "rows.1.key")).toBe("2");
    expect(valueAt(value, "rows.9.key")).toBeUndefined();
    expect(valueAt(value, "constructor.name")).toBeUndefined();
    expect(withValueAt(value, "rows.0.key", "9")).toEqual({ rows: [{ key: "9" }, { key: "2" }], a: 1 });
    expect(withValueAt(value, "rows.0", undefined)).toEqual({ rows: [{ key: "2" }], a: 1 });
    expect(withValueAt(value, "a", undefined)).toEqual({ rows: value.rows });
    expect(withValueAt(value, "rows.2.key", "3")).toEqual({ rows: [...value.rows, { key: "3" }], a: 1 });
  });
});

describe("fixes", () => {
  it("declares an unknown variable with the type it is used as, or takes the one that was meant", () => {
    const flow = withFields({ when: "tiket > 3 && tiket.x != 'tiket'" });
    const found = problem("expression.name", { node: "main", field: "when", detail: { name: "tiket" } });
    const [near, declared, quoted] = mended(flow, found);
    expect(near?.[0]).toBe("fix.useVariable");
    expect(fieldsOf(near?.[1])?.["when"]).toBe("ticket > 3 && ticket.x != 'ticket'");
    expect(declared?.[1].variables.at(-1)).toMatchObject({ name: "tiket", type: "object" });
    expect(quoted?.[0]).toBe("fix.quote");
  });
  it("guesses types", () => {
    expect(guessType("count > 3", "count")).toBe("number");
    expect(guessType("ok == true", "ok")).toBe("boolean");
    expect(guessType("name.length", "name")).toBe("string");
    expect(guessType("order.id", "order")).toBe("object");
    expect(nearest("tiket", ["name", "ticket"])).toBe("ticket");
    expect(nearest("x", ["name", "ticket"])).toBeUndefined();
  });
  it("connects an open port to the end, which is added where there is none", () => {
    const found = problem("port.open", { node: "main", port: "1" });
    const end = sample.nodes.find((node) => node.type === "hangup");
    const [first] = mended(sample, found);
    expect(first?.[1].edges).toContainEqual({ from: "main", port: "1", to: end?.id ?? first?.[1].nodes.at(-1)?.id });
  });
  it("gives a doubled key the next free one, and its edges follow", () => {
    const flow = withFields({ choices: [{ key: "1", label: "a" }, { key: "1", label: "b" }] });
    const [other, removed] = mended(flow, problem("row.duplicate", { node: "main", field: "choices.1.key" }));
    expect(valueAt(fieldsOf(other?.[1]), "choices.1.key")).toBe("2");
    expect(valueAt(fieldsOf(removed?.[1]), "choices")).toHaveLength(1);
  });
  it("copies a text that is missing in a language", () => {
    const flow = withFields({ prompt: [{ kind: "text", text: { "en-US": "Hello" } }] });
    const found = problem("text.missing", { node: "main", field: "prompt.0.text", detail: { names: ["zh-CN"] } });
    expect(valueAt(fieldsOf(mended(flow, found)[0]?.[1]), "prompt.0.text.zh-CN")).toBe("Hello");
  });
  it("mends navigation, languages and variables of the flow", () => {
    const flow = { ...sample, languages: ["en-US", "en-US"] };
    expect(mended(flow, problem("flow.language.duplicate", {}))[0]?.[1].languages).toEqual(["en-US"]);
    expect(mended(sample, problem("node.missing", { field: "navigation.home" }))[0]?.[1].navigation?.home).toBeNull();
    const wrong: Flow = { ...sample, variables: [{ name: "n", type: "number", initial: "12", report: false, masked: false }] };
    const fixes = mended(wrong, problem("variable.initial", { field: "variables.0.initial" }));
    expect(fixes.map(([title]) => title)).toEqual(["fix.asNumber", "fix.variableType", "fix.clearValue"]);
    expect(fixes[0]?.[1].variables[0]?.initial).toBe(12);
  });
  it("knows none for a problem that only the author can solve, and for places that are gone", () => {
    expect(fixesOf(problem("loop.deaf", { node: "main" }), sample, types)).toEqual([]);
    expect(fixesOf(problem("expression.name", { node: "gone", field: "when", detail: { name: "x" } }), sample, types)).toEqual([]);
  });
});
