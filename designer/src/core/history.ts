/** The undo log: steps with what they were called, what they changed, and the flow on either side (which share structure). */
import { type Edit, applyEdit } from "./edits";
import type { Flow } from "./flow";

export interface Step {
  /** The name of what was done, a key of the dictionaries: `step.move`. */
  readonly label: string;
  readonly edit: Edit;
  readonly before: Flow;
  readonly after: Flow;
  readonly at: number;
  /** Steps with the same key that follow each other closely become one: typing in a field is one step. */
  readonly merge?: string | undefined;
}

export interface History {
  readonly flow: Flow;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const MERGE_WITHIN_MS = 1500;
export const KEPT_STEPS = 500;

export const startHistory = (flow: Flow): History => ({ flow, past: [], future: [] });

export interface Doing {
  readonly label: string;
  readonly at: number;
  readonly merge?: string | undefined;
}

export function perform(history: History, edit: Edit, doing: Doing): History {
  const after = applyEdit(history.flow, edit);
  if (after === history.flow) return history;
  const last = history.past.at(-1);
  if (last && doing.merge && last.merge === doing.merge && doing.at - last.at < MERGE_WITHIN_MS) {
    const joined: Step = { ...last, edit: { kind: "batch", edits: [last.edit, edit] }, after, at: doing.at };
    return { flow: after, past: history.past.with(-1, joined), future: [] };
  }
  const step: Step = { ...doing, edit, before: history.flow, after };
  return { flow: after, past: [...history.past, step].slice(-KEPT_STEPS), future: [] };
}

export function undo(history: History): History {
  const step = history.past.at(-1);
  if (!step) return history;
  return { flow: step.before, past: history.past.slice(0, -1), future: [step, ...history.future] };
}

export function redo(history: History): History {
  const [step, ...future] = history.future;
  if (!step) return history;
  return { flow: step.after, past: [...history.past, step], future };
}

/** Goes to the state after so many steps, back or forth: 0 is the flow as it was opened. */
export function goTo(history: History, steps: number): History {
  let current = history;
  while (current.past.length > steps && current.past.length > 0) current = undo(current);
  while (current.past.length < steps && current.future.length > 0) current = redo(current);
  return current;
}
