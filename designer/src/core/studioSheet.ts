/** The list of what a studio is to record, as a spreadsheet, and what came back from it. */
import { parseCsv, toCsv } from "./csv";
import { type Flow, type FlowNode, type LocalizedText, own } from "./flow";
import { type Prompt, isLanguage, isPromptName, promptKey, promptNameOf, spokenPieces } from "./prompts";

/** One recording in one language. */
export interface StudioLine {
  readonly name: string;
  readonly language: string;
  /** What is to be said; empty where the flow does not say. */
  readonly words: string;
  /** In the library already. */
  readonly recorded: boolean;
  /** `hotline › Main menu`, where callers hear it. */
  readonly places: readonly string[];
  /** The voice says it today: once it is recorded, the flow plays the recording. */
  readonly spoken: boolean;
}

const plain = (text: string): string => promptNameOf(`${text}.x`).replace(/\s+/g, "-");

/** A name for the recording of a text that the voice says today: its flow, its node, and which text of the node it is. */
export const spokenName = (flow: string, node: string, nth: number): string => plain(`${flow}.${node}${nth > 0 ? `.${nth + 1}` : ""}`);

interface RecordableText {
  readonly text: LocalizedText;
  /** The name that its recording gets. */
  readonly name: string;
}

const isText = (value: unknown): boolean => (value as { kind?: unknown }).kind === "text";
const isPiece = (value: object): boolean => "kind" in value && spokenPieces([value])[0] === value;

/** The texts of a node that could be recorded, in order. A text keeps its name when others of the node become recordings. */
function textsOf(flow: Flow, node: FlowNode): RecordableText[] {
  const pieces = spokenPieces(node.fields);
  const taken = new Set(pieces.map((piece) => (piece.kind === "audio" ? piece.prompt : "")));
  return pieces.flatMap((piece, nth) => {
    const name = spokenName(flow.id, node.id, nth);
    // A text that is said in every language in turn stays the voice's.
    return piece.kind === "text" && !piece.every_language && !taken.has(name) ? [{ text: piece.text, name }] : [];
  });
}

/** Every recording that the flows play or could play, in each of their languages, in the order of the flows. */
export function studioLines(flows: readonly Flow[], prompts: readonly Prompt[]): StudioLine[] {
  const recorded = new Set(prompts.map(promptKey));
  const lines = new Map<string, StudioLine>();
  const add = (flow: Flow, node: FlowNode, name: string, text: LocalizedText | undefined, spoken: boolean): void => {
    const place = `${flow.id} › ${node.title || node.id}`;
    for (const language of flow.languages) {
      const words = (text && own(text, language)) ?? "";
      if (spoken && !words.trim()) continue;
      const key = promptKey({ language, name });
      const before = lines.get(key);
      lines.set(key, {
        name,
        language,
        words: before?.words || words,
        recorded: recorded.has(key),
        places: [...new Set([...(before?.places ?? []), place])],
        spoken: spoken && (before?.spoken ?? true),
      });
    }
  };
  for (const flow of flows) {
    for (const node of flow.nodes) {
      for (const piece of spokenPieces(node.fields)) if (piece.kind === "audio" && piece.prompt) add(flow, node, piece.prompt, piece.text, false);
      for (const { text, name } of textsOf(flow, node)) add(flow, node, name, text, true);
    }
  }
  return [...lines.values()];
}

export const COLUMNS = ["name", "language", "words", "file", "recorded", "where"] as const;

/** The file that the studio sends back for a line. */
export const fileOf = (line: Pick<StudioLine, "name" | "language">): string => `${line.language}/${line.name}.wav`;

export const studioSheet = (lines: readonly StudioLine[]): string =>
  toCsv([COLUMNS, ...lines.map((line) => [line.name, line.language, line.words, fileOf(line), line.recorded ? "yes" : "no", line.places.join("; ")])]);

/** A line of a sheet that came back. */
export interface SheetRow {
  readonly name: string;
  readonly language: string;
  readonly words: string;
  readonly file: string;
}

/** The rows of a sheet by the titles of its columns, in whatever order they stand. Throws when a column is missing. */
export function readSheet(text: string): SheetRow[] {
  const [head = [], ...rows] = parseCsv(text);
  const titles = head.map((title) => title.trim().toLowerCase());
  const at = (title: (typeof COLUMNS)[number]): number => titles.indexOf(title);
  const missing = (["name", "language"] as const).filter((title) => at(title) < 0);
  if (missing.length > 0) throw new RangeError(missing.join(", "));
  return rows.map((row) => {
    const name = (row[at("name")] ?? "").trim();
    const language = (row[at("language")] ?? "").trim();
    return { name, language, words: row[at("words")] ?? "", file: (row[at("file")] ?? "").trim() || fileOf({ name, language }) };
  });
}

export interface Arrival<Sound> {
  readonly row: SheetRow;
  /** The file that belongs to the row; null when it did not come along. */
  readonly sound: Sound | null;
  readonly problem: "name" | "language" | null;
}

const parts = (path: string): string[] => path.toLowerCase().replaceAll("\\", "/").split("/").filter(Boolean);
const stem = (path: string): string => (parts(path).at(-1) ?? "").replace(/\.[a-z0-9]{1,5}$/, "");

/** Which file belongs to a row: its path ends alike (other ending allowed), or no other row could mean a file of that name. */
export function arrivals<Sound extends { readonly path: string }>(rows: readonly SheetRow[], sounds: readonly Sound[]): Arrival<Sound>[] {
  const meant = new Map<string, number>();
  for (const row of rows) meant.set(stem(row.file), (meant.get(stem(row.file)) ?? 0) + 1);
  return rows.map((row) => {
    const named = sounds.filter((sound) => stem(sound.path) === stem(row.file));
    const folder = parts(row.file).at(-2) ?? row.language.toLowerCase();
    const inFolder = named.find((sound) => parts(sound.path).at(-2) === folder);
    const only = named.length === 1 && meant.get(stem(row.file)) === 1 ? named[0] : undefined;
    const problem = !isPromptName(row.name) ? "name" : !isLanguage(row.language) ? "language" : null;
    return { row, sound: inFolder ?? only ?? null, problem };
  });
}

/** The flow with recordings in the place of the texts that they say; the text stays, for the languages without one.
 * A text that is another by now than the words that were recorded is left alone. */
export function withRecordings(flow: Flow, rows: readonly Pick<SheetRow, "name" | "language" | "words">[]): Flow {
  const nodes = flow.nodes.map((node) => {
    const names = new Map<unknown, string>();
    for (const { text, name } of textsOf(flow, node)) {
      const said = rows.filter((row) => row.name === name);
      if (said.length > 0 && said.every((row) => own(text, row.language)?.trim() === row.words.trim())) names.set(text, name);
    }
    if (names.size === 0) return node;
    const walk = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(walk);
      if (typeof value !== "object" || value === null) return value;
      if (!isPiece(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]));
      const name = isText(value) ? names.get((value as { text?: unknown }).text) : undefined;
      return name === undefined ? value : { ...value, kind: "audio", prompt: name };
    };
    return { ...node, fields: walk(node.fields) as FlowNode["fields"] };
  });
  return nodes.some((node, n) => node !== flow.nodes[n]) ? { ...flow, nodes } : flow;
}
