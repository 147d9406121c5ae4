import { describe, expect, it } from "vitest";
import { cardFields, cardLanguage, editsOnCard, labelText, mayBeNamed, movedRow, spokenText, withLabel, withRow, withSpokenText } from "../src/core/cardFields";
import type { NodeType } from "../src/core/nodeTypes";

const prompt = { type: "array", items: {}, "x-widget": "prompt" };
const menu: NodeType = {
  type: "menu", title: {}, summary: {}, category: "interaction", icon: "menu",
  ports: [{ id: "noinput", kind: "noinput", title: {} }],
  ports_from: { field: "choices", id: "key", title: "label", kind: "key" },
  schema: {
    type: "object",
    properties: {
      prompt,
      choices: {
        type: "array",
        maxItems: 3,
        items: { type: "object", properties: { key: { type: "string", pattern: "^[0-9*#]$" }, label: { type: "string" } }, required: ["key", "label"] },
      },
      timeout: { type: "number", default: 5 },
      help_prompt: prompt,
      help_key: { type: "string", pattern: "^[0-9*#]?$" },
    },
  },
};
const node = { id: "m", type: "menu", title: "", position: { x: 0, y: 0 }, fields: { choices: [{ key: "1", label: "One" }, { key: "2", label: "Two" }] } };

describe("what is edited on a card", () => {
  it("follows the type: its prompt, its rows, waiting, and what else is said", () => {
    const fields = cardFields(menu, "en-US");
    expect(fields.prompt?.name).toBe("prompt");
    expect(fields.timeout?.name).toBe("timeout");
    expect(fields.tries).toBeNull();
    expect(fields.more.map(({ name, kind }) => [name, kind])).toEqual([["help_prompt", "prompt"], ["help_key", "key"]]);
    expect(fields.rows?.most).toBe(3);
    expect(editsOnCard(fields)).toBe(true);
    expect(editsOnCard(cardFields(undefined, "en-US"))).toBe(false);
  });
  it("is in a language of the flow, the reader's where it is one", () => {
    expect(cardLanguage(["zh-CN", "en-US"], "en-US")).toBe("en-US");
    expect(cardLanguage(["zh-CN", "en-GB"], "en-US")).toBe("en-GB");
    expect(cardLanguage(["fr-FR"], "en-US")).toBe("fr-FR");
  });
  it("changes the words of one language and keeps the others", () => {
    const spoken = [{ kind: "text" as const, text: { "en-US": "Hello", "zh-CN": "您好" }, every_language: true }];
    expect(spokenText(spoken, "zh-CN")).toBe("您好");
    expect(withSpokenText(spoken, "en-US", "Good day")).toEqual([{ ...spoken[0], text: { "en-US": "Good day", "zh-CN": "您好" } }]);
    expect(withSpokenText(spoken, "en-US", "")).toEqual([{ ...spoken[0], text: { "zh-CN": "您好" } }]);
    expect(withSpokenText([], "en-US", "New")).toEqual([{ kind: "text", text: { "en-US": "New" } }]);
    expect(withSpokenText([{ kind: "text", text: { "en-US": "x" } }], "en-US", "")).toEqual([]);
    expect(spokenText([...spoken, { kind: "audio", prompt: "jingle" }], "en-US")).toBeNull();
    expect(spokenText([{ kind: "audio", prompt: "jingle" }], "en-US")).toBeNull();
  });
  it("keeps a label as it was: one for all, or one a language", () => {
    expect(withLabel("One", "en-US", "First")).toBe("First");
    expect(withLabel({ "zh-CN": "一" }, "en-US", "First")).toEqual({ "zh-CN": "一", "en-US": "First" });
    expect(labelText({ "zh-CN": "一" }, "zh-CN")).toBe("一");
  });
  it("adds a row with the next key, moves rows, and refuses a key that is taken or none", () => {
    expect(withRow(menu, node.fields).map((row) => row["key"])).toEqual(["1", "2", "3"]);
    expect(movedRow([{ a: 1 }, { a: 2 }, { a: 3 }], 2, 0)).toEqual([{ a: 3 }, { a: 1 }, { a: 2 }]);
    expect(movedRow([{ a: 1 }], 0, 1)).toEqual([{ a: 1 }]);
    const { rows } = cardFields(menu, "en-US");
    if (!rows) throw new Error("no rows");
    expect(mayBeNamed(node, rows, 0, "1")).toBe(true);
    expect(mayBeNamed(node, rows, 0, "2")).toBe(false);
    expect(mayBeNamed(node, rows, 0, "x")).toBe(false);
  });
});
