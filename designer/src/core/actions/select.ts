import type { Editor } from "../editor";
import { type FlowNode, nodeById } from "../flow";
import { portsOf } from "../nodeTypes";
import { register } from "./registry";

register({
  id: "select.all",
  group: "select",
  keys: ["Mod+A"],
  run: ({ editor }) =>
    editor.select({
      nodes: editor.flow.nodes.map((node) => node.id),
      notes: editor.flow.notes.map((note) => note.id),
    }),
});
register({ id: "select.none", group: "select", keys: ["Escape"], run: ({ editor }) => editor.select({}) });

/** The node that walking starts from: the last one selected, else the start. */
const here = (editor: Editor): FlowNode | undefined =>
  nodeById(editor.flow, editor.state.selection.nodes.at(-1) ?? "") ??
  editor.flow.nodes.find((node) => node.type === "start");

/** The nodes behind a node's ports, in the order of the ports. */
function targets(editor: Editor, node: FlowNode): string[] {
  return portsOf(editor.state.types.get(node.type), node.fields)
    .map((port) => editor.flow.edges.find((edge) => edge.from === node.id && edge.port === port.id)?.to)
    .filter((id) => id !== undefined);
}

const sources = (editor: Editor, id: string): string[] =>
  editor.flow.edges.filter((edge) => edge.to === id).map((edge) => edge.from);

/** Among the nodes behind the same node, the one so many places further. */
function sibling(editor: Editor, step: number): string | undefined {
  const node = here(editor);
  const parent = node && nodeById(editor.flow, sources(editor, node.id)[0] ?? "");
  if (!node || !parent) return undefined;
  const row = [...new Set(targets(editor, parent))];
  return row[(row.indexOf(node.id) + step + row.length) % row.length];
}

const WAYS: Record<string, [string, (editor: Editor) => string | undefined]> = {
  "select.next": ["Alt+ArrowRight", (editor) => targets(editor, here(editor) ?? ({} as FlowNode))[0]],
  "select.previous": ["Alt+ArrowLeft", (editor) => sources(editor, here(editor)?.id ?? "")[0]],
  "select.below": ["Alt+ArrowDown", (editor) => sibling(editor, 1)],
  "select.above": ["Alt+ArrowUp", (editor) => sibling(editor, -1)],
};

for (const [id, [key, way]] of Object.entries(WAYS)) {
  register({
    id,
    group: "select",
    keys: [key],
    enabled: ({ editor }) => here(editor) !== undefined,
    run: ({ editor, host }) => {
      const found = editor.state.selection.nodes.length === 0 ? here(editor)?.id : way(editor);
      if (!found) return;
      editor.select({ nodes: [found] });
      host.fit([found]);
    },
  });
}
