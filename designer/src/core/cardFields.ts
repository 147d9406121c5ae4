/** What is edited on a node's card: the words that the caller hears, the ways out with their keys, and how long is waited. */
import type { FieldValue, Fields, FlowNode, LocalizedText, PromptPiece } from "./flow";
import { type JsonSchema, fieldTitle, newRow, propertiesOf, resolve, widgetOf } from "./jsonSchema";
import { type NodeType, freePortId } from "./nodeTypes";

type Row = Readonly<Record<string, unknown>>;

const piecesOf = (value: FieldValue): readonly PromptPiece[] => (Array.isArray(value) ? (value as PromptPiece[]) : []);
export const rowsOf = (value: FieldValue): readonly Row[] =>
  Array.isArray(value) ? value.filter((row): row is Row => typeof row === "object" && row !== null) : [];

/** The language that a card's words are edited in: the reader's where the flow speaks it, else the flow's first. */
export function cardLanguage(languages: readonly string[], reader: string): string {
  const spoken = languages.find((language) => language === reader) ?? languages.find((language) => language.split("-")[0] === reader.split("-")[0]);
  return spoken ?? languages[0] ?? reader;
}

/** The words of a prompt in a language, or null where it is more than one text: that is edited among the properties. */
export function spokenText(value: FieldValue, language: string): string | null {
  const pieces = piecesOf(value);
  const [only] = pieces;
  if (!only) return "";
  return pieces.length === 1 && only.kind === "text" ? (only.text[language] ?? "") : null;
}

/** The prompt with other words in that language; those of the other languages stay. */
export function withSpokenText(value: FieldValue, language: string, words: string): readonly PromptPiece[] {
  const [only] = piecesOf(value);
  const { [language]: _old, ...others }: LocalizedText = only?.kind === "text" ? only.text : {};
  const text = words === "" ? others : { ...others, [language]: words };
  if (Object.keys(text).length === 0) return [];
  return [only?.kind === "text" ? { ...only, text } : { kind: "text", text }];
}

export function labelText(value: unknown, language: string): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? ((value as LocalizedText)[language] ?? "") : "";
}

/** A label stays what it was: one for all languages, or one each. */
export function withLabel(value: unknown, language: string, text: string): unknown {
  if (typeof value !== "object" || value === null) return text;
  if (Object.keys(value).length === 0) return text;
  const { [language]: _old, ...others } = value as LocalizedText;
  return text === "" ? others : { ...others, [language]: text };
}

interface Named {
  readonly name: string;
  readonly title: string;
  readonly schema: JsonSchema;
}

export interface CardFields {
  /** The prompt that the card shows. */
  readonly prompt: Named | null;
  /** Waiting and tries, beside the way out that they lead to. */
  readonly timeout: Named | null;
  readonly tries: Named | null;
  /** What else is said to a caller who does not get on, and the key for help. */
  readonly more: readonly (Named & { readonly kind: "prompt" | "key" })[];
  /** The rows that make ports. */
  readonly rows: { readonly field: string; readonly id: string; readonly title: string; readonly items: JsonSchema; readonly pattern: RegExp; readonly most: number } | null;
}

const MORE = ["noinput_prompt", "nomatch_prompt", "help_prompt", "help_key"];
const PORT_ID = "^[A-Za-z0-9_*#-]{1,64}$";

/** What of a node type's fields is edited on its cards. */
export function cardFields(type: NodeType | undefined, language: string): CardFields {
  const root = type?.schema ?? {};
  const properties = propertiesOf(root, root);
  const named = (name: string): Named | null => {
    const schema = properties.find(([other]) => other === name)?.[1];
    return schema ? { name, schema, title: fieldTitle(name, schema, language) } : null;
  };
  const shown = properties.find(([name, schema]) => widgetOf(schema, root) === "prompt" && !MORE.includes(name));
  const from = type?.ports_from;
  const array = from ? properties.find(([name]) => name === from.field)?.[1] : undefined;
  const items = resolve(array?.items ?? {}, root);
  return {
    prompt: shown ? named(shown[0]) : null,
    timeout: named("timeout"),
    tries: named("tries"),
    more: MORE.map(named)
      .filter((field) => field !== null)
      .map((field) => ({ ...field, kind: field.name === "help_key" ? "key" : "prompt" })),
    rows:
      from && array
        ? { field: from.field, id: from.id, title: from.title, items, pattern: new RegExp(items.properties?.[from.id]?.pattern ?? PORT_ID), most: array.maxItems ?? Infinity }
        : null,
  };
}

/** Whether there is anything on the card of such a node to edit but its title. */
export const editsOnCard = ({ prompt, rows, timeout }: CardFields): boolean => prompt !== null || rows !== null || timeout !== null;

/** The rows with one more, which has the next free key. */
export function withRow(type: NodeType, fields: Fields): readonly Row[] {
  const from = type.ports_from;
  const { rows } = cardFields(type, "");
  if (!from || !rows) return [];
  const before = rowsOf(fields[from.field]);
  return [...before, { ...(newRow(rows.items, type.schema) as Row), [from.id]: freePortId(before, from) }];
}

export function movedRow(rows: readonly Row[], index: number, to: number): readonly Row[] {
  const row = rows[index];
  if (!row || to < 0 || to >= rows.length) return rows;
  return rows.toSpliced(index, 1).toSpliced(to, 0, row);
}

/** Whether a port may go by that name: it is well formed, and no other row's. */
export const mayBeNamed = (node: FlowNode, { field, id, pattern }: NonNullable<CardFields["rows"]>, index: number, name: string): boolean =>
  pattern.test(name) && rowsOf(node.fields[field]).every((row, at) => at === index || row[id] !== name);
