/** Everything an author can do, as named actions: one list for menus, keys, the command palette and the help. */
import type { Debugging } from "../debugging";
import type { Editor } from "../editor";
import type { Position } from "../flow";
import type { KeyPress } from "../keys";
import { isFunctionKey, matches, parseBinding } from "../keys";
import type { LayoutEngine } from "../layout";
import type { Testing } from "../testing";

export type Panel = "properties" | "simulator" | "tests" | "problems" | "versions" | "history" | "flow";

/** What actions need of the page around the editor. */
export interface EditorHost {
  save(): void;
  publish(): void;
  exportFlow(): void;
  importFlow(): void;
  openPrompts(): void;
  showPanel(panel: Panel): void;
  /** The draft beside the version that callers get. */
  compareVersions(): void;
  /** Opens a node's card for editing where it stands, at a field of it. */
  editOnCard(id: string, field?: string): void;
  simulate(): void;
  openPalette(): void;
  showKeys(): void;
  fit(nodes?: readonly string[]): void;
  zoom(how: "in" | "out" | "actual"): void;
  toggle(what: "minimap" | "palette" | "theme" | "grid"): void;
  layoutEngine: LayoutEngine;
  /** Simulated calls of the flow. */
  debugging: Debugging;
  /** The flow's conversation tests. */
  testing: Testing;
  writeClipboard(text: string): void;
  readClipboard(): Promise<string>;
  /** Where new things go: under the pointer, else in the middle of what is seen. */
  pointer(): Position;
}

export interface ActionContext {
  readonly editor: Editor;
  readonly host: EditorHost;
}

export const GROUPS = ["flow", "edit", "select", "arrange", "debug", "tests", "view", "panel"] as const;
export type ActionGroup = (typeof GROUPS)[number];

export interface Action {
  /** `edit.undo`; its title is the dictionaries' `action.edit.undo`. */
  readonly id: string;
  readonly group: ActionGroup;
  readonly keys?: readonly string[];
  /** Whether its keys with Mod work while the author types in a field. */
  readonly whileTyping?: boolean;
  enabled?(context: ActionContext): boolean;
  run(context: ActionContext): void | Promise<void>;
}

const registry = new Map<string, Action>();

/** Adds an action. Throws when its name, or one of its keys, is taken. */
export function register(action: Action): Action {
  if (registry.has(action.id)) throw new Error(`action ${action.id} is registered twice`);
  for (const key of action.keys ?? []) {
    const holder = [...registry.values()].find((other) => other.keys?.includes(key));
    if (holder) throw new Error(`key ${key} belongs to ${holder.id} already`);
  }
  registry.set(action.id, action);
  return action;
}

export const allActions = (): Action[] => [...registry.values()];

export function actionById(id: string): Action {
  const action = registry.get(id);
  if (!action) throw new Error(`no action ${id}`);
  return action;
}

export const isEnabled = (action: Action, context: ActionContext): boolean => action.enabled?.(context) ?? true;

/**
 * Where the focus is: single keys act on the canvas only, and in a text the browser's own keys come first.
 * Function keys type nothing: they act everywhere, as those with Mod do.
 */
export type FocusPlace = "canvas" | "panel" | "text";

export function actionFor(press: KeyPress, place: FocusPlace, mac: boolean): Action | undefined {
  return allActions().find((action) =>
    action.keys?.map(parseBinding).some((key) => {
      if (!matches(key, press, mac)) return false;
      if (place === "canvas") return true;
      if (place === "panel") return key.mod || key.alt || isFunctionKey(key);
      return Boolean(action.whileTyping) && (key.mod || isFunctionKey(key));
    }),
  );
}
