/** What mends a problem with one click: the edits that follow from its code, by name. */
import type { Edit } from "./edits";
import { pathBehind, valueAt, withValueAt } from "./fieldPaths";
import { type Flow, type FlowNode, type Navigation, type Variable, edgeKey, freshId, isVariableName, nodeById, nodeIds } from "./flow";
import { defaultOf, propertiesOf } from "./jsonSchema";
import { type NodeTypes, defaultFields, freePortId, portChanges } from "./nodeTypes";
import type { Problem } from "./problems";

export interface Fix {
  /** A key of the texts: `fix.declare`. */
  readonly title: string;
  readonly params?: Readonly<Record<string, string>>;
  /** The id of a node whose title fills `{node}`. */
  readonly node?: string;
  readonly edit: Edit;
}

interface Place {
  readonly problem: Problem;
  readonly flow: Flow;
  readonly types: NodeTypes;
  /** The node that the problem is about. */
  readonly node: FlowNode | undefined;
  /** The problem's field; empty for none. */
  readonly field: string;
  /** What the problem is about: a variable, a parameter, a language. */
  readonly name: string;
}

type Mender = (place: Place) => (Fix | undefined)[];

const MENDERS = new Map<string, Mender>();

/** Registers what mends problems of these codes. Throws when a code is taken. */
function mends(codes: readonly string[], mender: Mender): void {
  for (const code of codes) {
    if (MENDERS.has(code)) throw new Error(`the problem ${code} has its fixes already`);
    MENDERS.set(code, mender);
  }
}

export const mendedCodes = (): string[] => [...MENDERS.keys()];

/** The fixes of a problem, the likeliest first; none for most problems that only their author can solve. */
export function fixesOf(problem: Problem, flow: Flow, types: NodeTypes): Fix[] {
  const mender = MENDERS.get(problem.code);
  if (!mender) return [];
  const node = problem.node === null ? undefined : nodeById(flow, problem.node);
  const name = problem.detail?.["name"];
  const place = { problem, flow, types, node, field: problem.field ?? "", name: typeof name === "string" ? name : "" };
  return mender(place).filter((fix) => fix !== undefined);
}

// ------------------------------------------------------------------ edits

/** A field of the node with another value at a path inside; its edges follow its ports. */
export function setAt({ node, types }: Pick<Place, "node" | "types">, path: string, value: unknown): Edit | undefined {
  const [field = ""] = path.split(".");
  if (!node || !field) return undefined;
  const fields = withValueAt(node.fields, path, value) as FlowNode["fields"];
  const ports = portChanges(types.get(node.type), node.fields, fields);
  return { kind: "node.field", id: node.id, field, value: fields[field], ports };
}

const settings = (part: Partial<Pick<Flow, "variables" | "languages" | "navigation">>): Edit => ({ kind: "flow.settings", settings: part });

const removeNode = (id: string): Edit => ({ kind: "elements.remove", nodes: [id], edges: [], notes: [] });

const made = (title: string, edit: Edit | undefined, params?: Record<string, string>): Fix | undefined =>
  edit && { title, edit, ...(params ? { params } : {}) };

/** A fix that leads to a node, named by its title. */
const madeTo = (title: string, edit: Edit, node: FlowNode): Fix => ({ title, edit, node: node.id });

// -------------------------------------------------------------- variables

/** The type that a new variable probably has, from how it is used. */
export function guessType(text: string, name: string): Variable["type"] {
  const escaped = name.replace(/[$]/g, "\\$&");
  if (new RegExp(`(?<![\\w$])${escaped}(?:\\?)?\\.(?!length|substring|indexOf|slice|charAt|split|trim|includes|toUpperCase|toLowerCase)`).test(text)) return "object";
  if (new RegExp(`(?<![\\w$])${escaped}\\s*(?:[<>]=?|[-*/%]|===?\\s*-?\\d|!==?\\s*-?\\d)`).test(text)) return "number";
  if (new RegExp(`(?<![\\w$])${escaped}\\s*[!=]==?\\s*(?:true|false)`).test(text)) return "boolean";
  return "string";
}

function declare({ flow, name, node, field }: Place): Fix | undefined {
  if (!isVariableName(name) || flow.variables.some((one) => one.name === name)) return undefined;
  const text = valueAt(node?.fields, field);
  const type = guessType(typeof text === "string" ? text : "", name);
  const variable: Variable = { name, type, initial: null, report: false, masked: false };
  return made("fix.declare", settings({ variables: [...flow.variables, variable] }), { name });
}

/** How many letters have to be changed to come from one word to another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_none, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.one;
}

const wordIn = (text: string, name: string, to: string): string =>
  text.replace(new RegExp(`(?<![\\w$.])${name.replace(/\$/g, "\\$&")}(?![\\w$])`, "g"), () => to);

mends(["expression.name"], (place) => {
  const { flow, node, field, name } = place;
  const text = valueAt(node?.fields, field);
  if (typeof text !== "string") return [];
  const near = nearest(name, flow.variables.map((one) => one.name));
  return [
    near === undefined ? undefined : made("fix.useVariable", setAt(place, field, wordIn(text, name, near)), { name: near }),
    declare(place),
    made("fix.quote", setAt(place, field, wordIn(text, name, `'${name}'`)), { name }),
  ];
});

mends(["variable.unknown"], (place) => {
  const { flow, field, name } = place;
  const near = nearest(name, flow.variables.map((one) => one.name));
  return [declare(place), near === undefined ? undefined : made("fix.useVariable", setAt(place, field, near), { name: near })];
});

mends(["variable.duplicate"], ({ flow, field }) => {
  const index = Number(field.split(".")[1]);
  const name = flow.variables[index]?.name ?? "";
  return [made("fix.removeVariable", settings({ variables: flow.variables.toSpliced(index, 1) }), { name })];
});

mends(["variable.initial"], ({ flow, field }) => {
  const index = Number(field.split(".")[1]);
  const variable = flow.variables[index];
  if (!variable) return [];
  const kind = typeof variable.initial;
  const type = kind === "string" || kind === "number" || kind === "boolean" ? kind : "object";
  const change = (part: Partial<Variable>): Edit => settings({ variables: flow.variables.with(index, { ...variable, ...part }) });
  const number = variable.type === "number" && kind === "string" && String(variable.initial).trim() !== "" ? Number(variable.initial) : NaN;
  return [
    Number.isFinite(number) ? made("fix.asNumber", change({ initial: number }), { value: String(number) }) : undefined,
    made("fix.variableType", change({ type })),
    made("fix.clearValue", change({ initial: null })),
  ];
});

// ------------------------------------------------------------------ graph

mends(["port.open"], ({ flow, types, node, problem }) => {
  if (!node || problem.port === null) return [];
  const { port } = problem;
  const end = flow.nodes.find((one) => one.type === "hangup");
  if (end) return [madeTo("fix.leadToEnd", { kind: "edge.connect", edge: { from: node.id, port, to: end.id } }, end)];
  const type = types.get("hangup");
  if (!type) return [];
  const id = freshId("hangup", nodeIds(flow));
  const added: FlowNode = { id, type: "hangup", title: "", position: { x: node.position.x + 320, y: node.position.y }, fields: defaultFields(type) };
  return [made("fix.addEnd", { kind: "elements.add", nodes: [added], edges: [{ from: node.id, port, to: id }], notes: [] })];
});

mends(["node.unreachable", "node.type.unknown", "flow.start.several", "handler.duplicate"], ({ node }) => [
  node && made("fix.removeNode", removeNode(node.id)),
]);

mends(["flow.start.missing"], ({ flow }) => {
  const id = freshId("start", nodeIds(flow));
  const left = Math.min(0, ...flow.nodes.map((node) => node.position.x));
  return [made("fix.addStart", { kind: "elements.add", nodes: [{ id, type: "start", title: "", position: { x: left - 320, y: 0 }, fields: {} }], edges: [], notes: [] })];
});

mends(["edge.target", "edge.entry", "edge.port", "edge.source", "edge.duplicate"], ({ flow, node, problem, field }) => {
  const named = /^edges\.(\d+)\./.exec(field);
  const edge = named ? flow.edges[Number(named[1])] : undefined;
  const key = edge ? edgeKey(edge) : node && problem.port !== null ? edgeKey({ from: node.id, port: problem.port }) : undefined;
  return [key === undefined ? undefined : made("fix.removeEdge", { kind: "elements.remove", nodes: [], edges: [key], notes: [] })];
});

// ----------------------------------------------------------------- fields

mends(["field.unknown"], (place) => [made("fix.removeField", setAt(place, place.field, undefined), { name: place.field })]);

mends(["field.missing", "field.invalid"], (place) => {
  const schema = place.types.get(place.node?.type ?? "")?.schema;
  if (!schema || place.field.includes(".")) return [];
  const property = propertiesOf(schema, schema).find(([name]) => name === place.field)?.[1];
  const value = property && defaultOf(property, schema);
  return value === undefined ? [] : [made("fix.default", setAt(place, place.field, value))];
});

mends(["prompt.empty"], (place) => [made("fix.addText", setAt(place, place.field, [{ kind: "text", text: {} }]))]);

mends(["text.missing"], (place) => {
  const { node, field, problem, flow } = place;
  const text = valueAt(node?.fields, field);
  const missing = problem.detail?.["names"];
  if (typeof text !== "object" || text === null || !Array.isArray(missing)) return [];
  const [language, words] = Object.entries(text).find(([tag, value]) => flow.languages.includes(tag) && typeof value === "string" && value.trim()) ?? [];
  if (language === undefined) return [];
  const filled = { ...text, ...Object.fromEntries(missing.map((tag) => [String(tag), words])) };
  return [made("fix.copyText", setAt(place, field, filled), { from: language, to: missing.join(", ") })];
});

mends(["row.duplicate"], (place) => {
  const { node, types, field } = place;
  const [list = "", index = "", member = ""] = field.split(".");
  const from = types.get(node?.type ?? "")?.ports_from;
  const rows = valueAt(node?.fields, list);
  if (!Array.isArray(rows)) return [];
  const records = rows as Record<string, unknown>[];
  const value = String(records[Number(index)]?.[member] ?? "");
  const next = from?.field === list && from.id === member ? freePortId(records, from) : freshId(value || "row", new Set(records.map((row) => String(row[member] ?? ""))));
  return [made("fix.otherValue", setAt(place, field, next), { value: next }), made("fix.removeRow", setAt(place, `${list}.${index}`, undefined))];
});

mends(["digits.bounds", "survey.bounds"], (place) => {
  const [low, high] = place.problem.code === "digits.bounds" ? ["minimum", "maximum"] : ["lowest", "highest"];
  const { node, types } = place;
  if (!node) return [];
  const first = setAt(place, low ?? "", node.fields[high ?? ""]);
  const second = setAt({ node, types }, high ?? "", node.fields[low ?? ""]);
  return first && second ? [made("fix.swap", { kind: "batch", edits: [first, second] })] : [];
});

mends(["split.total"], (place) => {
  const rows = valueAt(place.node?.fields, "shares");
  if (!Array.isArray(rows) || rows.length === 0) return [];
  const shares = rows.map((row) => Math.max(0, Number((row as { percent?: unknown }).percent) || 0));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const parts = shares.map((share) => (total > 0 ? Math.round((share / total) * 1000) / 10 : Math.round(1000 / rows.length) / 10));
  const rest = Math.round((100 - parts.slice(0, -1).reduce((sum, part) => sum + part, 0)) * 10) / 10;
  const next = rows.map((row, index) => ({ ...(row as object), percent: index === rows.length - 1 ? rest : parts[index] }));
  return [made("fix.whole", setAt(place, "shares", next))];
});

mends(["flow.result"], (place) => {
  const rows = valueAt(place.node?.fields, "results");
  return [made("fix.addRow", setAt(place, "results", [...(Array.isArray(rows) ? rows : []), { id: place.name, label: place.name }]), { name: place.name })];
});

mends(["flow.inputs", "flow.outputs"], (place) => {
  const row = place.field.split(".").slice(0, 2).join(".");
  return [made("fix.removeRow", setAt(place, row, undefined))];
});

mends(["database.parameter"], (place) => {
  const rows = valueAt(place.node?.fields, "parameters");
  const value = place.flow.variables.some((one) => one.name === place.name) ? place.name : "''";
  return [made("fix.addRow", setAt(place, "parameters", [...(Array.isArray(rows) ? rows : []), { name: place.name, value }]), { name: place.name })];
});

mends(["database.parameter.unused"], (place) => [
  made("fix.removeRow", setAt(place, place.field.split(".").slice(0, 2).join("."), undefined)),
]);

mends(["web.address", "page.address"], (place) => {
  const url = valueAt(place.node?.fields, place.field);
  if (typeof url !== "string" || /^[a-z]+:/i.test(url)) return [];
  return [made("fix.https", setAt(place, place.field, `https://${url.replace(/^\/+/, "")}`))];
});

mends(["ask.silent"], (place) => {
  const [list = "", index = ""] = place.field.split(".");
  const rows = valueAt(place.node?.fields, list);
  if (!Array.isArray(rows)) return [];
  const key = freePortId(rows as Record<string, unknown>[], { field: list, id: "key", title: "label", kind: "key" });
  return [made("fix.giveKey", setAt(place, `${list}.${index}.key`, key), { key })];
});

mends(["vxml.exit.missing"], (place) => {
  const rows = valueAt(place.node?.fields, "exits");
  return [made("fix.addExit", setAt(place, "exits", [...(Array.isArray(rows) ? rows : []), { id: place.name, label: "" }]), { name: place.name })];
});

mends(["vxml.exit.unused"], (place) => [
  made("fix.removeRow", setAt(place, place.field.split(".").slice(0, 2).join("."), undefined)),
]);

// --------------------------------------------------------- flow as a whole

mends(["flow.language.duplicate"], ({ flow }) => [made("fix.removeTwice", settings({ languages: [...new Set(flow.languages)] }))]);

mends(["language.unknown"], (place) => {
  const { flow, name } = place;
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/.test(name)) return [];
  return [
    made("fix.addLanguage", settings({ languages: [...flow.languages, name] }), { name }),
    made("fix.useLanguage", setAt(place, place.field, flow.languages[0]), { name: flow.languages[0] ?? "" }),
  ];
});

const STANDARD = { repeat: "*", back: "#", start: "9", person: "0" };

/** The flow's navigation with a change; what the flow leaves out has its usual value. */
const navigate = (flow: Flow, part: Partial<Navigation>): Edit =>
  settings({ navigation: { enabled: true, ...STANDARD, home: null, person_node: null, ...flow.navigation, ...part } });

mends(["navigation.keys"], ({ flow }) => [made("fix.standardKeys", navigate(flow, STANDARD))]);
mends(["navigation.delay"], ({ flow }) => [made("fix.standardKeys", navigate(flow, STANDARD))]);
mends(["navigation.person"], ({ flow }) =>
  flow.nodes
    .filter((node) => node.type === "queue")
    .slice(0, 2)
    .map((node) => madeTo("fix.personNode", navigate(flow, { person_node: node.id }), node)),
);
mends(["node.missing"], (place) => {
  const member = pathBehind(place.field, "navigation");
  if (member === "home" || member === "person_node") return [made("fix.clearValue", navigate(place.flow, { [member]: null }))];
  return [];
});
