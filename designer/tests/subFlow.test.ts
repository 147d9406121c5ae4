import { expect, it } from "vitest";
import type { Variable } from "../src/core/flow";
import { offeredRows } from "../src/core/subFlow";

const variable = (name: string, more: Partial<Variable> = {}): Variable => ({ name, type: "string", initial: null, report: false, masked: false, ...more });
const called = [variable("account", { input: true }), variable("pin", { input: true }), variable("balance", { output: true }), variable("own")];

it("offers what a called flow takes and gives, once, from variables of the same name", () => {
  const own = [variable("account"), variable("balance")];
  expect(offeredRows("inputs", [{ name: "pin", value: "'1'" }], called, own)).toEqual([{ name: "account", row: { name: "account", value: "account" } }]);
  expect(offeredRows("outputs", undefined, called, own)).toEqual([{ name: "balance", row: { name: "balance", variable: "balance" } }]);
  expect(offeredRows("inputs", [], called, []).map((offer) => offer.row)).toEqual([{ name: "account", value: "" }, { name: "pin", value: "" }]);
  expect(offeredRows("results", [], called, own)).toEqual([]);
  expect(offeredRows("constructor", [], called, own)).toEqual([]);
});
