import { expect, it } from "vitest";
import { Editor } from "../src/core/editor";
import { whereChanged } from "../src/core/whereChanged";
import { sample, types } from "./samples";

it("names what an undone step changed: nodes that differ, that are gone, or whose edges lead elsewhere", () => {
  let at = 0;
  const editor = new Editor({ flow: sample, revision: "1", published: null, types, now: () => (at += 10_000) });
  const undone = (): string[] => {
    const before = editor.flow;
    editor.undo();
    return whereChanged(before, editor.flow).map(({ id }) => id);
  };
  const [edge] = sample.edges;
  const [first] = sample.nodes;
  if (!edge || !first) throw new Error("the sample is empty");
  const id = editor.addNode("play", { x: 900, y: 900 });
  expect(undone()).toEqual([id]);
  editor.edit({ kind: "elements.move", positions: { [first.id]: { x: -500, y: 0 } } }, "step.move");
  expect(undone()).toEqual([first.id]);
  editor.disconnect(`${edge.from}|${edge.port}`);
  expect(undone()).toEqual([edge.from]);
  editor.edit({ kind: "flow.settings", settings: { class: "other" } }, "step.settings");
  expect(undone()).toEqual([]);
});
