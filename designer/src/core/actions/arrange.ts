import { ALIGNMENTS, type Box, align, snap } from "../arrange";
import type { Editor } from "../editor";
import { freshId } from "../flow";
import { layout } from "../layout";
import { nodeSize } from "../summary";
import { register } from "./registry";

export function selectedBoxes(editor: Editor): Box[] {
  const { nodes, notes } = editor.state.selection;
  return [
    ...editor.flow.nodes
      .filter((node) => nodes.includes(node.id))
      .map((node) => ({ id: node.id, ...node.position, ...nodeSize(editor.flow, editor.state.types, node) })),
    ...editor.flow.notes
      .filter((note) => notes.includes(note.id))
      .map((note) => ({ id: note.id, ...note.position, width: note.width, height: note.height })),
  ];
}

ALIGNMENTS.forEach((how) => {
  register({
    id: `arrange.${how}`,
    group: "arrange",
    enabled: ({ editor }) => selectedBoxes(editor).length > (how === "across" || how === "down" ? 2 : 1),
    run: ({ editor }) => {
      editor.edit({ kind: "elements.move", positions: align(selectedBoxes(editor), how) }, "step.align");
    },
  });
});

register({
  id: "arrange.layout",
  group: "arrange",
  keys: ["Shift+L"],
  run: async ({ editor, host }) => {
    const chosen = new Set(editor.state.selection.nodes);
    const only = chosen.size > 1 ? chosen : undefined;
    const positions = await layout(editor.flow, editor.state.types, host.layoutEngine, only);
    editor.edit({ kind: "elements.move", positions }, "step.layout");
    host.fit(only ? [...only] : undefined);
  },
});

const STEP = 16;
const NUDGES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
for (const [key, [dx, dy]] of Object.entries(NUDGES)) {
  register({
    id: `arrange.nudge${key.slice("Arrow".length)}`,
    group: "arrange",
    keys: [key],
    enabled: ({ editor }) => selectedBoxes(editor).length > 0,
    run: ({ editor }) => {
      const boxes = selectedBoxes(editor);
      const positions = Object.fromEntries(boxes.map((b) => [b.id, { x: b.x + dx * STEP, y: b.y + dy * STEP }]));
      editor.edit({ kind: "elements.move", positions }, "step.move", `nudge ${boxes.map((b) => b.id).join()}`);
    },
  });
}

register({
  id: "arrange.note",
  group: "arrange",
  keys: ["N"],
  run: ({ editor, host }) => {
    const id = freshId("note", new Set(editor.flow.notes.map((note) => note.id)));
    const note = { id, text: "", position: snap(host.pointer()), width: 208, height: 112 };
    editor.edit({ kind: "elements.add", nodes: [], edges: [], notes: [note] }, "step.addNote");
    editor.select({ notes: [id] });
  },
});

const MARGIN = 32;
const TITLE = 40;

register({
  id: "arrange.frame",
  group: "arrange",
  keys: ["G"],
  enabled: ({ editor }) => editor.state.selection.nodes.length > 0,
  run: ({ editor }) => {
    const boxes = selectedBoxes(editor);
    const left = Math.min(...boxes.map((b) => b.x)) - MARGIN;
    const top = Math.min(...boxes.map((b) => b.y)) - TITLE - MARGIN / 2;
    const id = freshId("frame", new Set(editor.flow.notes.map((note) => note.id)));
    const note = {
      id,
      text: "",
      frame: true,
      position: { x: left, y: top },
      width: Math.max(...boxes.map((b) => b.x + b.width)) + MARGIN - left,
      height: Math.max(...boxes.map((b) => b.y + b.height)) + MARGIN - top,
    };
    editor.edit({ kind: "elements.add", nodes: [], edges: [], notes: [note] }, "step.addFrame");
    editor.select({ notes: [id] });
  },
});
