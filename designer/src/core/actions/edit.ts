import { clipText, copy, paste, readClip } from "../clipboard";
import { type ActionContext, register } from "./registry";

const anySelected = ({ editor }: ActionContext): boolean => {
  const { nodes, edges, notes } = editor.state.selection;
  return nodes.length + edges.length + notes.length > 0;
};

const selectedClip = ({ editor }: ActionContext) =>
  copy(editor.flow, editor.state.selection.nodes, editor.state.selection.notes);

register({
  id: "edit.undo",
  group: "edit",
  keys: ["Mod+Z"],
  enabled: ({ editor }) => editor.state.history.past.length > 0,
  run: ({ editor }) => editor.undo(),
});
register({
  id: "edit.redo",
  group: "edit",
  keys: ["Mod+Shift+Z", "Mod+Y"],
  enabled: ({ editor }) => editor.state.history.future.length > 0,
  run: ({ editor }) => editor.redo(),
});
register({
  id: "edit.cut",
  group: "edit",
  keys: ["Mod+X"],
  enabled: anySelected,
  run: (context) => {
    const clip = selectedClip(context);
    if (!clip) return;
    context.host.writeClipboard(clipText(clip));
    context.editor.removeSelected();
  },
});
register({
  id: "edit.copy",
  group: "edit",
  keys: ["Mod+C"],
  enabled: anySelected,
  run: (context) => {
    const clip = selectedClip(context);
    if (clip) context.host.writeClipboard(clipText(clip));
  },
});
register({
  id: "edit.paste",
  group: "edit",
  keys: ["Mod+V"],
  run: async ({ editor, host }) => {
    const clip = readClip(await host.readClipboard());
    if (!clip) return;
    const pasted = paste(editor.flow, clip, host.pointer());
    editor.edit(pasted.edit, "step.paste");
    editor.select({ nodes: pasted.nodes, notes: pasted.notes });
  },
});
register({
  id: "edit.duplicate",
  group: "edit",
  keys: ["Mod+D"],
  enabled: anySelected,
  run: (context) => {
    const clip = selectedClip(context);
    if (!clip) return;
    const pasted = paste(context.editor.flow, clip);
    context.editor.edit(pasted.edit, "step.duplicate");
    context.editor.select({ nodes: pasted.nodes, notes: pasted.notes });
  },
});
register({
  id: "edit.delete",
  group: "edit",
  keys: ["Delete", "Backspace"],
  enabled: anySelected,
  run: ({ editor }) => editor.removeSelected(),
});
register({
  id: "edit.onCard",
  group: "edit",
  keys: ["F2"],
  enabled: ({ editor }) => editor.state.selection.nodes.length === 1,
  run: ({ editor, host }) => {
    const [id] = editor.state.selection.nodes;
    if (id !== undefined) host.editOnCard(id);
  },
});
