/** Where a flow's variables stand, found by what each field is: expressions, names, texts with `{name}` in them, markup. */
import type { Edit } from "./edits";
import { withValueAt } from "./fieldPaths";
import type { Flow, FlowNode, Variable } from "./flow";
import { type JsonSchema, propertiesOf, resolve, widgetOf } from "./jsonSchema";
import type { NodeTypes } from "./nodeTypes";
import type { Use } from "./whereUsed";

type Form = "expression" | "name" | "template" | "markup";

interface Place {
  readonly path: string;
  readonly form: Form;
  readonly text: string;
}

const record = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function placesIn(value: unknown, schema: JsonSchema, root: JsonSchema, path: string): Place[] {
  const one = (form: Form): Place[] => (typeof value === "string" && value ? [{ path, form, text: value }] : []);
  switch (widgetOf(schema, root)) {
    case "expression":
      return one("expression");
    case "variable":
      return one("name");
    case "vxml":
      return one("markup");
    case "texts":
      return Object.entries(record(value)).flatMap(([tag, text]) => (typeof text === "string" ? [{ path: `${path}.${tag}`, form: "template" as const, text }] : []));
    case "prompt":
      return list(value).flatMap((piece, index) => {
        const { kind, expr } = record(piece);
        return kind === "value" && typeof expr === "string" ? [{ path: `${path}.${index}.expr`, form: "expression" as const, text: expr }] : [];
      });
    case "rows": {
      const items = resolve(schema.items ?? {}, root);
      return list(value).flatMap((row, index) => placesOfRecord(row, items, root, `${path}.${index}.`));
    }
    case "object":
      return placesOfRecord(value, schema, root, `${path}.`);
    default:
      return [];
  }
}

const placesOfRecord = (value: unknown, schema: JsonSchema, root: JsonSchema, before: string): Place[] =>
  propertiesOf(schema, root).flatMap(([name, property]) => placesIn(record(value)[name], property, root, `${before}${name}`));

function placesOf(node: FlowNode, types: NodeTypes): Place[] {
  const schema = types.get(node.type)?.schema;
  return schema ? placesOfRecord(node.fields, schema, schema, "") : [];
}

const word = (name: string, flags = ""): RegExp => new RegExp(`(?<![\\w$.])${name.replace(/[$]/g, "\\$&")}(?![\\w$])`, flags);

/** The parts of an expression outside of quotation marks, changed. */
export function replaceName(expression: string, from: string, to: string): string {
  return expression.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[^'"`]+|['"`]/g, (part) =>
    /^['"`]/.test(part) ? part : part.replace(word(from, "g"), () => to).replace(new RegExp(`(?<=(?<![\\w$.])application\\.)${from}(?![\\w$])`, "g"), () => to),
  );
}

const changed = (place: Place, from: string, to: string): string => {
  switch (place.form) {
    case "expression":
      return replaceName(place.text, from, to);
    case "name":
      return place.text === from ? to : place.text;
    case "template":
      return place.text.replaceAll(`{${from}}`, () => `{${to}}`);
    case "markup":
      return place.text;
  }
};

const names = (place: Place, name: string): boolean => (place.form === "markup" ? word(name).test(place.text) : changed(place, name, `${name}_`) !== place.text);

/** Every field of a node that reads or writes a variable. */
export function variableUses(flow: Flow, types: NodeTypes, name: string): Use[] {
  if (!name) return [];
  return flow.nodes.flatMap((node) => {
    const fields = new Set(placesOf(node, types).filter((place) => names(place, name)).map((place) => place.path.split(".")[0] ?? ""));
    return [...fields].map((field) => ({ node: node.id, field }));
  });
}

export interface Renaming {
  readonly edit: Edit;
  /** In how many places of nodes. */
  readonly count: number;
}

/** A variable's other name, wherever the flow uses it; hand-written markup is left to its author. */
export function renameVariable(flow: Flow, types: NodeTypes, index: number, to: string): Renaming {
  const variables = flow.variables.map((variable, at): Variable => (at === index ? { ...variable, name: to } : variable));
  const from = flow.variables[index]?.name ?? "";
  // A name that is there twice stays where it is used: nobody knows which of the two is meant.
  const alone = from !== "" && flow.variables.filter((variable) => variable.name === from).length === 1;
  const edits: Edit[] = [{ kind: "flow.settings", settings: { variables } }];
  let count = 0;
  for (const node of alone ? flow.nodes : []) {
    const places = placesOf(node, types).filter((place) => changed(place, from, to) !== place.text);
    count += places.length;
    const fields = places.reduce<unknown>((value, place) => withValueAt(value, place.path, changed(place, from, to)), node.fields) as FlowNode["fields"];
    for (const field of new Set(places.map((place) => place.path.split(".")[0] ?? ""))) {
      edits.push({ kind: "node.field", id: node.id, field, value: fields[field], ports: { renamed: {}, removed: [] } });
    }
  }
  return { edit: { kind: "batch", edits }, count };
}

/** A value as it is typed for a variable's type; undefined when it is none. */
export function typedValue(type: Variable["type"], text: string): unknown {
  if (text === "") return null;
  if (type === "string") return text;
  if (type === "number") return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

export const valueText = (value: unknown): string => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
