/** What a step of the history was done to, in the words of the flow: `Main menu`, `Prompt · Welcome`, `Start → Main menu`. */
import type { Edit } from "./edits";
import { type Flow, type FlowNode, edgeKey } from "./flow";
import type { Step } from "./history";
import { fieldTitle } from "./jsonSchema";
import { type NodeTypes, nodeTitle } from "./nodeTypes";

/** So many are named; of more their number is told. */
const NAMED = 2;
const NOTE_LETTERS = 24;

type Naming = (edit: Edit) => readonly string[];

function naming(before: Flow, after: Flow, types: NodeTypes, language: string): Naming {
  const nodes = new Map<string, FlowNode>([...before.nodes, ...after.nodes].map((one) => [one.id, one]));
  const node = (id: string): string => {
    const found = nodes.get(id);
    return found ? nodeTitle(found, types.get(found.type), language) : id;
  };
  const note = (id: string): string => {
    const text = [...after.notes, ...before.notes].find((item) => item.id === id)?.text.trim() ?? "";
    return text.length > NOTE_LETTERS ? `${text.slice(0, NOTE_LETTERS)}…` : text;
  };
  const item = (id: string): string => (nodes.has(id) ? node(id) : note(id));
  const field = (id: string, name: string): string => {
    const type = types.get(nodes.get(id)?.type ?? "");
    return fieldTitle(name, type?.schema.properties?.[name] ?? {}, language);
  };
  const edge = (key: string): string => {
    const found = before.edges.find((one) => edgeKey(one) === key);
    return found ? `${node(found.from)} → ${node(found.to)}` : "";
  };
  const variables = (): string[] => {
    const old = new Map(before.variables.map((variable) => [variable.name, variable]));
    const now = new Set(after.variables.map(({ name }) => name));
    const changed = after.variables.filter((variable) => old.get(variable.name) !== variable).map(({ name }) => name);
    return changed.length > 0 ? changed : [...old.keys()].filter((name) => !now.has(name));
  };
  const name: Naming = (edit) => {
    switch (edit.kind) {
      case "elements.add":
        return [...edit.nodes.map(({ id }) => node(id)), ...edit.notes.map(({ id }) => note(id))];
      case "elements.remove":
        return edit.nodes.length + edit.notes.length > 0 ? [...edit.nodes.map(node), ...edit.notes.map(note)] : edit.edges.map(edge);
      case "elements.move":
        return Object.keys(edit.positions).map(item);
      case "node.rename":
        return [`${edit.id} → ${edit.to}`];
      case "node.title":
        return [node(edit.id)];
      case "node.field":
        return [`${field(edit.id, edit.field)} · ${node(edit.id)}`];
      case "edge.connect":
        return [`${node(edit.edge.from)} → ${node(edit.edge.to)}`];
      case "note.set":
        return [note(edit.id)];
      case "flow.settings":
        return edit.settings.variables ? variables() : [];
      case "flow.replace":
        return [];
      case "batch": {
        // What is added tells more than how it is joined to the rest.
        const added = edit.edits.filter((part) => part.kind === "elements.add").flatMap(name);
        return added.length > 0 ? added : edit.edits.flatMap(name);
      }
    }
  };
  return name;
}

const known = new WeakMap<Edit, { readonly language: string; readonly subject: string }>();

/** Empty where the step's own name says it all. A step never changes, so it is named once. */
export function stepSubject({ edit, before, after }: Pick<Step, "edit" | "before" | "after">, types: NodeTypes, language: string): string {
  const found = known.get(edit);
  if (found?.language === language) return found.subject;
  const names = [...new Set(naming(before, after, types, language)(edit).filter(Boolean))];
  const more = names.length - NAMED;
  const subject = names.slice(0, NAMED).join(", ") + (more > 0 ? ` +${more}` : "");
  known.set(edit, { language, subject });
  return subject;
}
