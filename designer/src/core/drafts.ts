/** The author's unsaved work, kept in the browser until the server has it. */
import { type Flow, parseFlow } from "./flow";

export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface Draft {
  readonly flow: Flow;
  /** The revision that the work began from. */
  readonly revision: string;
  readonly at: string;
}

const keyOf = (flow: string): string => `vxmlplat.draft.${flow}`;

/** Keeps a draft; false when the browser has no room for it, which the author must be told. */
export function keepDraft(store: TextStore, draft: Draft): boolean {
  try {
    store.setItem(keyOf(draft.flow.id), JSON.stringify({ ...draft, flow: JSON.stringify(draft.flow) }));
    return true;
  } catch {
    return false; // Storage is full or forbidden.
  }
}

export function readDraft(store: TextStore, id: string): Draft | undefined {
  try {
    const raw = JSON.parse(store.getItem(keyOf(id)) ?? "null") as { flow: string; revision: string; at: string } | null;
    return raw ? { flow: parseFlow(raw.flow), revision: raw.revision, at: raw.at } : undefined;
  } catch {
    return undefined; // Damaged or foreign data is no draft.
  }
}

export function dropDraft(store: TextStore, id: string): void {
  try {
    store.removeItem(keyOf(id));
  } catch {
    // Without storage nothing was kept either.
  }
}
