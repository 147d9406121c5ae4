/** The prompt library beside the flows: where a recording is used, and what callers would miss. */
import { type Flow, type LocalizedText, type PromptPiece, own } from "./flow";

/** A recording as docs/api.md lists it. */
export interface Prompt {
  readonly language: string;
  readonly name: string;
  /** In seconds. */
  readonly duration: number;
  /** In bytes. */
  readonly size: number;
  readonly changed: string;
  readonly changed_by: string;
}

export interface PromptUse {
  readonly flow: string;
  readonly flowName: LocalizedText;
  readonly node: string;
  readonly nodeTitle: string;
}

/** A node lacks a recording or a text in some languages of its flow. */
export interface MissingWords extends PromptUse {
  readonly kind: "recording" | "text";
  /** The recording's name; of a text, what it says in another language. */
  readonly what: string;
  readonly languages: readonly string[];
  /** No language has it. */
  readonly nowhere: boolean;
}

export const promptKey = (prompt: Pick<Prompt, "language" | "name">): string => `${prompt.language}/${prompt.name}`;

/** What the server takes as a name and as a language. */
// eslint-disable-next-line no-control-regex -- control characters are what is refused
const NAME = /^[^\x00-\x1f\x7f/\\?#]{1,64}$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/;
export const isPromptName = (text: string): boolean => NAME.test(text) && text === text.trim();
export const isLanguage = (text: string): boolean => LANGUAGE.test(text);

/** A name for the recording in a file: the file's own, without its ending and what a name may not have. */
export const promptNameOf = (file: string): string =>
  file
    .replace(/\.[A-Za-z0-9]{1,5}$/, "")
    // eslint-disable-next-line no-control-regex -- control characters are what is taken out
    .replace(/[\x00-\x1f\x7f/\\?#]+/g, "-")
    .trim()
    .slice(0, 64)
    .trim();

type SpokenPiece = Exclude<PromptPiece, { kind: "value" }>;

/** All texts and recordings inside a node's fields, however deep. */
export function spokenPieces(value: unknown): SpokenPiece[] {
  if (Array.isArray(value)) return value.flatMap(spokenPieces);
  if (typeof value !== "object" || value === null) return [];
  const piece = value as Partial<PromptPiece>;
  if (piece.kind === "audio" && typeof piece.prompt === "string") return [piece as SpokenPiece];
  if (piece.kind === "text" && typeof piece.text === "object") return [piece as SpokenPiece];
  return Object.values(value).flatMap(spokenPieces);
}

const placesOf = (flow: Flow): { use: PromptUse; pieces: SpokenPiece[] }[] =>
  flow.nodes.map((node) => ({
    use: { flow: flow.id, flowName: flow.name, node: node.id, nodeTitle: node.title || node.id },
    pieces: spokenPieces(node.fields),
  }));

/** The nodes that play each recording, by its name. */
export function promptUses(flows: readonly Flow[]): ReadonlyMap<string, readonly PromptUse[]> {
  const uses = new Map<string, PromptUse[]>();
  for (const { use, pieces } of flows.flatMap(placesOf)) {
    for (const name of new Set(pieces.map((piece) => (piece.kind === "audio" ? piece.prompt : "")))) {
      if (name) uses.set(name, [...(uses.get(name) ?? []), use]);
    }
  }
  return uses;
}

/** The languages of the library that have each name. */
function languagesByName(prompts: readonly Prompt[]): ReadonlyMap<string, ReadonlySet<string>> {
  const languages = new Map<string, Set<string>>();
  for (const { name, language } of prompts) languages.set(name, (languages.get(name) ?? new Set()).add(language));
  return languages;
}

const NONE: ReadonlySet<string> = new Set();
const has = (text: LocalizedText | undefined, language: string): boolean => Boolean(text && own(text, language)?.trim());

/** What callers would miss: recordings first, those that no language has before the others. */
export function missingWords(flows: readonly Flow[], prompts: readonly Prompt[]): MissingWords[] {
  const recorded = languagesByName(prompts);
  const found = flows.flatMap((flow) =>
    placesOf(flow).flatMap(({ use, pieces }) => {
      const missing = pieces.flatMap((piece): MissingWords[] => {
        const there = piece.kind === "audio" ? (recorded.get(piece.prompt) ?? NONE) : NONE;
        // A recording that is not there is spoken by the voice where the piece has words for it.
        const languages = flow.languages.filter((language) => !there.has(language) && !has(piece.text, language));
        if (languages.length === 0 || (piece.kind === "audio" && !piece.prompt)) return [];
        const said = Object.values(piece.text ?? {}).find((text) => text.trim()) ?? "";
        return [
          piece.kind === "audio"
            ? { ...use, kind: "recording", what: piece.prompt, languages, nowhere: there.size === 0 }
            : { ...use, kind: "text", what: said, languages, nowhere: said === "" },
        ];
      });
      return [...new Map(missing.map((one) => [`${one.kind} ${one.what}`, one])).values()];
    }),
  );
  const rank = (one: MissingWords): number => (one.kind === "recording" ? 0 : 2) + (one.nowhere ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
