import { describe, expect, it } from "vitest";
import { Editor } from "../src/core/editor";
import { emptyFlow } from "../src/core/flow";
import { stepSubject } from "../src/core/stepSubject";
import { types } from "./samples";

function opened(): Editor {
  let at = 0;
  return new Editor({ flow: emptyFlow("f", { "en-US": "F" }, ["en-US"]), revision: "1", published: null, types, now: () => (at += 10_000) });
}
const subjects = (editor: Editor): string[] => editor.state.history.past.map((step) => stepSubject(step, editor.state.types, "en-US"));

describe("what a step was done to", () => {
  it("names the node that was added, joined, changed, moved and deleted", () => {
    const editor = opened();
    const start = editor.flow.nodes[0]?.id ?? "";
    const play = editor.addNode("play", { x: 300, y: 0 }, { after: { node: start, port: "next" } });
    editor.edit({ kind: "node.title", id: play, title: "Welcome" }, "step.title");
    editor.setField(play, "prompt", [{ kind: "text", text: { "en-US": "Hello" } }]);
    editor.edit({ kind: "elements.move", positions: { [play]: { x: 400, y: 0 } } }, "step.move");
    editor.disconnect(`${start}|next`);
    editor.connect(start, "next", play);
    editor.removeSelected();
    expect(subjects(editor)).toEqual(["play", "Welcome", "prompt · Welcome", "Welcome", "start → Welcome", "start → Welcome", "Welcome"]);
  });

  it("names two and counts the rest; of variables those that changed", () => {
    const editor = opened();
    const ids = [0, 1, 2, 3].map((n) => editor.addNode("play", { x: 300 * n, y: 200 }));
    ids.forEach((id, n) => editor.edit({ kind: "node.title", id, title: `P${n}` }, "step.title"));
    editor.edit({ kind: "elements.move", positions: Object.fromEntries(ids.map((id) => [id, { x: 0, y: 0 }])) }, "step.move");
    expect(subjects(editor).at(-1)).toBe("P0, P1 +2");
    const one = { name: "ticket", type: "string", initial: null, report: false, masked: false } as const;
    editor.edit({ kind: "flow.settings", settings: { variables: [one] } }, "step.variables");
    editor.edit({ kind: "flow.settings", settings: { variables: [one, { ...one, name: "state" }] } }, "step.variables");
    editor.edit({ kind: "flow.settings", settings: { variables: [one] } }, "step.variables");
    expect(subjects(editor).slice(-3)).toEqual(["ticket", "state", "state"]);
  });
});
