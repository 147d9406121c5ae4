/** Finding things by a few typed letters: nodes, prompts, variables, flows, actions alike. */
import { type Flow, pickText } from "./flow";
import type { NodeTypes } from "./nodeTypes";
import { nodeTitle } from "./nodeTypes";

export interface Findable<T> {
  readonly title: string;
  /** More words it is found by, of less weight than the title. */
  readonly words?: string;
  readonly value: T;
}

export interface Hit<T> extends Findable<T> {
  readonly score: number;
}

const fold = (text: string): string => text.normalize("NFKC").toLowerCase();

/** How well a text answers a query: 0 not at all; whole, beginning, word and inside in this order; letters in order last. */
export function score(text: string, query: string): number {
  const where = fold(text);
  const what = fold(query).trim();
  if (!what) return 1;
  if (where === what) return 100;
  const at = where.indexOf(what);
  if (at === 0) return 80;
  if (at > 0) return /[\p{L}\p{N}]/u.test(where[at - 1] ?? "") && /^[a-z0-9]/.test(what) ? 40 : 60;
  const words = what.split(/\s+/);
  if (words.length > 1 && words.every((word) => where.includes(word))) return 30;
  if (what.length < 2) return 0;
  let position = 0;
  for (const letter of what.replaceAll(" ", "")) {
    position = where.indexOf(letter, position) + 1;
    if (position === 0) return 0;
  }
  return Math.max(1, 20 - (position - what.length));
}

export function find<T>(items: readonly Findable<T>[], query: string, limit = 50): Hit<T>[] {
  return items
    .map((item) => ({ ...item, score: Math.max(score(item.title, query), wordsScore(item.words, query)) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}

/** Long texts are searched for the words as they stand; letters in order would find everything. */
const wordsScore = (words: string | undefined, query: string): number => {
  if (!words || !query.trim()) return 0;
  const text = fold(words);
  return fold(query).trim().split(/\s+/).every((word) => text.includes(word)) ? 25 : 0;
};

/** All texts inside a value of unknown shape. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsIn);
  return [];
}

export type FlowPlace = { readonly kind: "node" | "note"; readonly id: string } | { readonly kind: "variable"; readonly name: string };

export function findablesOf(flow: Flow, types: NodeTypes, language: string): Findable<FlowPlace>[] {
  return [
    ...flow.nodes.map((node) => ({
      title: nodeTitle(node, types.get(node.type), language),
      words: [node.id, pickText(types.get(node.type)?.title, language), ...textsIn(node.fields)].join(" "),
      value: { kind: "node" as const, id: node.id },
    })),
    ...flow.variables.map((variable) => ({
      title: variable.name,
      value: { kind: "variable" as const, name: variable.name },
    })),
    ...flow.notes.map((note) => ({ title: note.text, value: { kind: "note" as const, id: note.id } })),
  ];
}
