/** The flow as docs/api.md defines it. Values are immutable: an edit makes a new flow that shares what it did not touch. */

/** What people read, one text a language: `{"en-US": "Menu", "zh-CN": "菜单"}`. */
export type LocalizedText = Readonly<Record<string, string>>;

export interface Position {
  readonly x: number;
  readonly y: number;
}

export type FieldValue = unknown;
export type Fields = Readonly<Record<string, FieldValue>>;

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly position: Position;
  readonly fields: Fields;
}

export interface FlowEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
}

export const VARIABLE_TYPES = ["string", "number", "boolean", "object"] as const;

export interface Variable {
  readonly name: string;
  readonly type: (typeof VARIABLE_TYPES)[number];
  /** A value, not an expression. */
  readonly initial: unknown;
  /** Kept as a business field of the reports. */
  readonly report: boolean;
  /** Hidden in reports and logs. */
  readonly masked: boolean;
  /** Part of the call's data that goes along with a transfer. */
  readonly data?: boolean;
  readonly input?: boolean;
  readonly output?: boolean;
}

/** What the caller can do at every prompt, by which key; an empty key switches one off. */
export interface Navigation {
  readonly enabled: boolean;
  readonly repeat: string;
  readonly back: string;
  readonly start: string;
  readonly person: string;
  readonly home: string | null;
  readonly person_node: string | null;
}

/** A sheet of text on the canvas; with `frame` it is a titled area drawn behind the nodes. */
export interface Note {
  readonly id: string;
  readonly text: string;
  readonly position: Position;
  readonly width: number;
  readonly height: number;
  readonly frame?: boolean;
}

export interface Flow {
  readonly schema: number;
  readonly id: string;
  readonly name: LocalizedText;
  readonly class?: string;
  readonly languages: readonly string[];
  readonly variables: readonly Variable[];
  readonly navigation?: Navigation;
  /** What nobody says otherwise is as VoiceXML has it: speech and keys, "#" ends an input, no apology for errors. */
  readonly voicexml_defaults?: boolean;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly notes: readonly Note[];
}

export type PromptPiece =
  | { readonly kind: "text"; readonly text: LocalizedText; readonly every_language?: boolean }
  | { readonly kind: "audio"; readonly prompt: string; readonly text?: LocalizedText }
  | { readonly kind: "address"; readonly src: string; readonly text?: LocalizedText }
  | { readonly kind: "value"; readonly expr: string; readonly as: string; readonly currency?: string };

export const SPOKEN_AS = ["text", "digits", "number", "currency", "date", "time", "telephone"] as const;

/** A member of a record whose keys come from authors: `constructor` is a fine node id, and no member of an empty record. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

export const SCHEMA = 1;
const NODE_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const FLOW_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const VARIABLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

export const isNodeId = (text: string): boolean => NODE_ID.test(text);
export const isVariableName = (text: string): boolean => VARIABLE_NAME.test(text);
export const isFlowId = (text: string): boolean => FLOW_ID.test(text);

/** An edge's key on the canvas: a port has one edge at most. */
export const edgeKey = (edge: Pick<FlowEdge, "from" | "port">): string => `${edge.from}|${edge.port}`;

export function nodeById(flow: Flow, id: string): FlowNode | undefined {
  return flow.nodes.find((node) => node.id === id);
}

/** A name that is not taken: `menu`, `menu_2`, `menu_3` … */
export function freshId(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z]+/, "").slice(0, 58) || "node";
  if (!taken.has(base)) return base;
  const stem = base.replace(/_\d+$/, "");
  for (let n = 2; ; n += 1) {
    const id = `${stem}_${n}`;
    if (!taken.has(id)) return id;
  }
}

export const nodeIds = (flow: Flow): Set<string> => new Set(flow.nodes.map((node) => node.id));

export function emptyFlow(id: string, name: LocalizedText, languages: readonly string[]): Flow {
  return {
    schema: SCHEMA,
    id,
    name,
    class: "",
    languages,
    variables: [],
    nodes: [{ id: "start", type: "start", title: "", position: { x: 0, y: 0 }, fields: {} }],
    edges: [],
    notes: [],
  };
}

/** The text in the wanted language, else in its closest relative, else in English, else any. */
export function pickText(text: LocalizedText | string | undefined, language: string): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  const exact = text[language];
  if (exact) return exact;
  const family = language.split("-")[0] ?? "";
  const keys = Object.keys(text).filter((key) => text[key]);
  const near = keys.find((key) => key.split("-")[0] === family);
  const english = keys.find((key) => key.startsWith("en"));
  return text[near ?? english ?? keys[0] ?? ""] ?? "";
}

export class FlowFileError extends Error {
  constructor(
    readonly reason: "not-json" | "not-a-flow" | "newer-schema" | "bad-node",
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = "FlowFileError";
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Reads an exported flow, refusing what is none. Throws {@link FlowFileError} with the reason. */
export function parseFlow(source: string): Flow {
  try {
    return readFlow(JSON.parse(source));
  } catch (error) {
    if (error instanceof FlowFileError) throw error;
    throw new FlowFileError("not-json", String(error));
  }
}

/** A flow with every member in its place, from a value that may leave out what has a default. */
export function readFlow(raw: unknown): Flow {
  const root = record(raw);
  if (!root || !Array.isArray(root["nodes"])) throw new FlowFileError("not-a-flow", "nodes");
  if (typeof root["schema"] === "number" && root["schema"] > SCHEMA) {
    throw new FlowFileError("newer-schema", String(root["schema"]));
  }
  const nodes = root["nodes"].map((item, index): FlowNode => {
    const node = record(item);
    const at = record(node?.["position"]);
    if (!node || typeof node["id"] !== "string" || !isNodeId(node["id"]) || typeof node["type"] !== "string") {
      throw new FlowFileError("bad-node", String(index));
    }
    return {
      ...node,
      id: node["id"],
      type: node["type"],
      title: String(node["title"] ?? ""),
      position: { x: Number(at?.["x"] ?? 0) || 0, y: Number(at?.["y"] ?? 0) || 0 },
      fields: record(node["fields"]) ?? {},
    };
  });
  const known = new Set(nodes.map((node) => node.id));
  if (known.size !== nodes.length) throw new FlowFileError("bad-node", "id");
  const edges = list(root["edges"])
    .map((item) => record(item))
    .filter((edge) => edge !== undefined)
    .map((edge): FlowEdge => ({ from: String(edge["from"]), port: String(edge["port"]), to: String(edge["to"]) }))
    .filter((edge) => known.has(edge.from) && known.has(edge.to));
  return {
    ...root,
    schema: SCHEMA,
    id: String(root["id"] ?? "flow"),
    name: typeof root["name"] === "string" ? { "en-US": root["name"] } : ((record(root["name"]) ?? {}) as LocalizedText),
    languages: list(root["languages"]).map(String),
    variables: list(root["variables"]) as Variable[],
    nodes,
    edges,
    notes: list(root["notes"]) as Note[],
  };
}
