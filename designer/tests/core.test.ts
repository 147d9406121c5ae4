import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALIGNMENTS, align } from "../src/core/arrange";
import { callsIn, edgeCounts, edgeWidth, endings } from "../src/core/analytics";
import { readClip } from "../src/core/clipboard";
import { compare, isEmpty } from "../src/core/difference";
import { dropDraft, keepDraft, readDraft } from "../src/core/drafts";
import { FlowFileError, freshId, isNodeId, parseFlow, pickText } from "../src/core/flow";
import { allowsNull, newRow, propertiesOf, resolve, widgetOf } from "../src/core/jsonSchema";
import { matches, parseBinding, showBinding } from "../src/core/keys";
import { defaultFields, portsOf } from "../src/core/nodeTypes";
import { countProblems, sortProblems } from "../src/core/problems";
import { find, findablesOf, score } from "../src/core/search";
import { nodeSummary } from "../src/core/summary";
import { usesOf } from "../src/core/whereUsed";
import { menuType, position, sample, types } from "./samples";

describe("flow files", () => {
  it("reads back what was written", () => {
    expect(parseFlow(JSON.stringify(sample))).toEqual(sample);
  });
  it.each([
    ["{", "not-json"],
    ["[]", "not-a-flow"],
    ['{"nodes": [], "schema": 99}', "newer-schema"],
    ['{"nodes": [{"id": "a b", "type": "play"}]}', "bad-node"],
    ['{"nodes": [{"id": "a", "type": "play"}, {"id": "a", "type": "play"}]}', "bad-node"],
  ])("refuses %s as %s", (source, reason) => {
    expect(() => parseFlow(source)).toThrow(FlowFileError);
    expect(() => parseFlow(source)).toThrow(reason);
  });
  it("puts in what a file may leave out", () => {
    const short = { id: "a", name: "A", nodes: [{ id: "start", type: "start" }], languages: ["en-US"] };
    expect(parseFlow(JSON.stringify(short))).toEqual({
      schema: 1,
      id: "a",
      name: { "en-US": "A" },
      languages: ["en-US"],
      variables: [],
      nodes: [{ id: "start", type: "start", title: "", position: { x: 0, y: 0 }, fields: {} }],
      edges: [],
      notes: [],
    });
  });
  it("drops edges that lead nowhere", () => {
    const file = { ...sample, edges: [...sample.edges, { from: "main", port: "2", to: "ghost" }] };
    expect(parseFlow(JSON.stringify(file)).edges).toEqual(sample.edges);
  });
  it("makes node ids that are valid and free from any wish", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (wish, taken) => {
        const id = freshId(wish, new Set(taken));
        expect(isNodeId(id)).toBe(true);
        expect(taken).not.toContain(id);
      }),
    );
  });
  it("picks the reader's language, then a relative, then English", () => {
    const text = { "zh-CN": "菜单", "en-US": "Menu", "de-DE": "Menü" };
    expect(pickText(text, "zh-TW")).toBe("菜单");
    expect(pickText(text, "fr-FR")).toBe("Menu");
    expect(pickText({ "de-DE": "Menü" }, "fr-FR")).toBe("Menü");
  });
});

describe("clips", () => {
  it("ignores text that is none", () => {
    fc.assert(fc.property(fc.string(), (text) => readClip(text) === undefined));
    expect(readClip('{"format": "vxmlplat/clip", "nodes": 3}')).toBeUndefined();
  });
});

describe("node types", () => {
  it("gives a menu its choices' ports before the fixed ones, each key once", () => {
    const rows = [{ key: "1", label: "A" }, { key: "1", label: "B" }, { key: "" }, null, { key: "2" }];
    expect(portsOf(menuType, { choices: rows }).map((port) => port.id)).toEqual(["1", "2", "noinput", "nomatch"]);
  });
  it("begins with the defaults of the schema, never sharing them", () => {
    const first = defaultFields(menuType);
    expect(first).toEqual({ prompt: [], choices: [], retries: 3, target: null });
    expect(defaultFields(menuType)["choices"]).not.toBe(first["choices"]);
  });
  it("makes rows with what is required", () => {
    const items = menuType.schema.properties?.["choices"]?.items ?? {};
    expect(newRow(items, menuType.schema)).toEqual({ key: "1", label: {} });
  });
  it("finds the widget from the schema", () => {
    const widgets = Object.fromEntries(
      propertiesOf(menuType.schema, menuType.schema).map(([name, schema]) => [name, widgetOf(schema, menuType.schema)]),
    );
    expect(widgets).toEqual({ prompt: "prompt", choices: "rows", retries: "number", target: "text" });
    expect(widgetOf({ type: "boolean" }, {})).toBe("switch");
    expect(widgetOf({ enum: ["a"] }, {})).toBe("selection");
    expect(widgetOf({ type: "string", "x-widget": "from-the-future" }, {})).toBe("text");
    expect(allowsNull(menuType.schema.properties?.["target"] ?? {})).toBe(true);
  });
  it("survives a schema that refers to itself", () => {
    const loop = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } };
    expect(resolve(loop, loop)).toEqual({});
  });
  it("says on a card what the caller hears", () => {
    const menu = sample.nodes[1];
    expect(menu && nodeSummary(menuType, menu, "zh-CN")).toBe("报修请按一");
  });
});

describe("arranging", () => {
  it("aligns twice to the same place", () => {
    const boxes = fc.array(position, { minLength: 3, maxLength: 8 }).map((places) =>
      places.map((place, index) => ({ id: `n${index}`, ...place, width: 200, height: 50 + index })),
    );
    fc.assert(
      fc.property(boxes, fc.constantFrom(...ALIGNMENTS), (before, how) => {
        const place = (items: typeof before) => {
          const moved = align(items, how);
          return items.map((box) => ({ ...box, ...moved[box.id] }));
        };
        const once = place(before);
        place(once).forEach((box, index) => {
          expect(box.x).toBeCloseTo(once[index]?.x ?? NaN, 6);
          expect(box.y).toBeCloseTo(once[index]?.y ?? NaN, 6);
        });
      }),
    );
  });
});

describe("search", () => {
  it("ranks whole, beginning, word, inside, letters", () => {
    const ranks = ["menu", "menu two", "main menu", "submenu", "m-e-n-u"].map((text) => score(text, "menu"));
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    expect(ranks.at(-1)).toBeGreaterThan(0);
    expect(score("play", "menu")).toBe(0);
  });
  it("finds nodes by what they say, in Chinese too, and variables by name", () => {
    const items = findablesOf(sample, types, "en-US");
    expect(find(items, "报修")[0]?.value).toEqual({ kind: "node", id: "main" });
    expect(find(items, "repairs")[0]?.value).toEqual({ kind: "node", id: "main" });
    expect(find(items, "ticket")[0]?.value).toEqual({ kind: "variable", name: "ticket" });
  });
  it("finds where a variable is used, and not in words to the caller", () => {
    expect(usesOf(sample, "ticket")).toEqual([{ node: "main", field: "target" }]);
    expect(usesOf(sample, "repairs")).toEqual([]);
    expect(usesOf(sample, "tick")).toEqual([]);
  });
});

describe("keys", () => {
  const press = { key: "z", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  it("knows Mod by the machine", () => {
    const undo = parseBinding("Mod+Z");
    expect(matches(undo, { ...press, ctrlKey: true }, false)).toBe(true);
    expect(matches(undo, { ...press, metaKey: true }, true)).toBe(true);
    expect(matches(undo, { ...press, ctrlKey: true }, true)).toBe(false);
    expect(matches(undo, { ...press, ctrlKey: true, shiftKey: true }, false)).toBe(false);
    expect(matches(parseBinding("?"), { ...press, key: "?", shiftKey: true }, false)).toBe(true);
    expect(showBinding("Mod+Shift+Z", true)).toBe("⌘⇧Z");
    expect(showBinding("Mod+Shift+Z", false)).toBe("Ctrl+Shift+Z");
  });
});

describe("difference", () => {
  it("is empty between equal flows whatever the order of members", () => {
    expect(isEmpty(compare(sample, structuredClone(sample)))).toBe(true);
    expect(isEmpty(compare({ ...sample, name: { a: "1", b: "2" } }, { ...sample, name: { b: "2", a: "1" } }))).toBe(true);
  });
  it("tells added, removed, changed, moved and edges led elsewhere", () => {
    const [start, main, bye] = sample.nodes;
    if (!start || !main || !bye) throw new Error("sample");
    const after = {
      ...sample,
      nodes: [{ ...start, position: { x: 9, y: 9 } }, { ...main, title: "New" }, { ...bye, id: "end" }],
      edges: [{ from: "start", port: "next", to: "end" }],
    };
    const found = compare(sample, after);
    expect(Object.fromEntries(found.nodes)).toEqual({ start: "moved", main: "changed", end: "added", bye: "removed" });
    expect(found.fields.get("main")).toEqual(["title"]);
    expect(found.edges.get("start|next>end")).toBe("added");
    expect(found.edges.get("start|next>main")).toBe("removed");
  });
});

describe("problems", () => {
  it("come errors first, then in the order of the nodes", () => {
    const problem = (severity: "error" | "warning", node: string | null) => ({
      severity, node, code: "x", port: null, field: null, message: {},
    });
    const sorted = sortProblems(
      [problem("warning", "start"), problem("error", "bye"), problem("error", "start"), problem("error", null)],
      sample,
    );
    expect(sorted.map((p) => [p.severity, p.node])).toEqual([
      ["error", null],
      ["error", "start"],
      ["error", "bye"],
      ["warning", "start"],
    ]);
    expect(countProblems(sorted)).toEqual({ errors: 3, warnings: 1 });
  });
});

describe("drafts", () => {
  it("are kept, read and dropped; a full or damaged store is no crash", () => {
    const map = new Map<string, string>();
    const store = {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    };
    expect(keepDraft(store, { flow: sample, revision: "4", at: "2026-01-01T00:00:00Z" })).toBe(true);
    expect(readDraft(store, "demo")).toEqual({ flow: sample, revision: "4", at: "2026-01-01T00:00:00Z" });
    dropDraft(store, "demo");
    expect(readDraft(store, "demo")).toBeUndefined();
    map.set("vxmlplat.draft.demo", "{");
    expect(readDraft(store, "demo")).toBeUndefined();
    const full = { ...store, setItem: () => { throw new Error("full"); } };
    expect(keepDraft(full, { flow: sample, revision: "4", at: "" })).toBe(false);
  });
});

describe("analytics", () => {
  const report = {
    flow: "demo",
    nodes: [
      {
        node: "main", entered: 10, left: 10, inside: 0,
        from: [{ node: "", port: "", count: 10, percent: 100 }],
        to: [
          { node: "bye", port: "1", reason: "", count: 6, percent: 60 },
          { node: "", port: "", reason: "hangup", count: 3, percent: 30 },
          { node: "", port: "", reason: "error", count: 1, percent: 10 },
        ],
      },
    ],
  };
  it("sums edges and endings", () => {
    expect(callsIn(report)).toBe(10);
    expect(edgeCounts(report).get("main|1>bye")).toEqual({ count: 6, percent: 60 });
    const [node] = report.nodes;
    expect(node && endings(node).map((end) => end.reason)).toEqual(["hangup", "error"]);
  });
  it("draws more callers wider, and one caller visibly", () => {
    expect(edgeWidth(10, 10)).toBeGreaterThan(edgeWidth(5, 10));
    expect(edgeWidth(1, 1e6)).toBeGreaterThanOrEqual(1.5);
    expect(edgeWidth(0, 10)).toBe(1);
  });
});
