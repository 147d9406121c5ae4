import { describe, expect, it } from "vitest";
import { completeExpression } from "../src/core/expressions";
import type { Variable } from "../src/core/flow";

const variable = (name: string, type: Variable["type"], initial: unknown = null): Variable => ({ name, type, initial, report: false, masked: false });
const VARIABLES = [variable("ticket", "string"), variable("order", "object", { id: "1", lines: [1], customer: { vip: true } }), variable("count", "number")];

const at = (marked: string, asked = false): string[] | null => {
  const position = marked.indexOf("|");
  return completeExpression(marked.replace("|", ""), position, asked, VARIABLES, (key) => key)?.options.map((option) => option.label) ?? null;
};

describe("completion of expressions", () => {
  it("offers variables with their types, session variables and functions", () => {
    expect(at("ti|")).toEqual(expect.arrayContaining(["ticket", "session", "parseInt", "true"]));
    const [first] = completeExpression("t", 1, false, VARIABLES, (key) => key)?.options ?? [];
    expect(first).toMatchObject({ label: "ticket", detail: "variables.type.string" });
  });
  it("offers the members of what is known", () => {
    expect(at("order.|")).toEqual(["id", "lines", "customer"]);
    expect(at("1 + order.customer.v|")).toEqual(["vip"]);
    expect(at("order.lines.|")).toContain("length");
    expect(at("ticket.|")).toContain("substring");
    expect(at("session.connection.remote.|")).toEqual(["uri"]);
    expect(at("application.|")).toEqual(expect.arrayContaining(["ticket", "lastresult$"]));
    expect(at("order?.customer?.|")).toEqual(["vip"]);
  });
  it("offers nothing where nothing is known", () => {
    expect(at("|")).toBeNull();
    expect(at("|", true)).toContain("ticket");
    expect(at("'ti|")).toBeNull();
    expect(at("'it\\'s ti|")).toBeNull();
    expect(at("'a' + ti|")).toContain("ticket");
    expect(at("nobody.|")).toBeNull();
    expect(at("12|")).toBeNull();
    expect(at("f().|", true)).toBeNull();
    expect(at("constructor.|")).toBeNull();
    expect(at("order.constructor.|")).toBeNull();
  });
  it("knows where the word begins", () => {
    expect(completeExpression("a + tic", 7, false, VARIABLES, (key) => key)?.from).toBe(4);
  });
});
