/** Where a variable is read or written: in which node, in which field. */
import type { Flow } from "./flow";
import { textsIn } from "./search";

export interface Use {
  readonly node: string;
  readonly field: string;
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export function usesOf(flow: Flow, name: string): Use[] {
  if (!name) return [];
  const word = new RegExp(`(?<![\\w$.])${escaped(name)}(?![\\w$])`);
  return flow.nodes.flatMap((node) =>
    Object.entries(node.fields)
      .filter(([, value]) => codeTexts(value).some((text) => word.test(text)))
      .map(([field]) => ({ node: node.id, field })),
  );
}

/** Texts that can name a variable: everything except the words spoken to the caller. */
function codeTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(codeTexts);
  if (typeof value === "object" && value !== null) {
    return "kind" in value && value.kind === "text" ? [] : Object.values(value).flatMap(codeTexts);
  }
  return textsIn(value);
}
