import { showDialog } from "../dialogs";
import { register } from "./registry";

register({ id: "flow.insertTemplate", group: "flow", keys: ["T"], run: () => showDialog("template.insert") });
register({
  id: "flow.saveTemplate",
  group: "flow",
  enabled: ({ editor }) => editor.flow.nodes.some((node) => node.type !== "start" && editor.state.selection.nodes.includes(node.id)),
  run: () => showDialog("template.save"),
});
