/** Saving, and what can stand in its way: a lost connection, or somebody who saved before. The author's work is kept in every case. */
import { useCallback, useEffect, useRef, useState } from "react";
import { openFlow, saveFlow } from "../../api/flows";
import { type TextStore, dropDraft, keepDraft } from "../../core/drafts";
import type { Editor } from "../../core/editor";
import type { Flow } from "../../core/flow";
import { asApiError } from "../resource";
import { textsFor } from "../texts";
import { useSettings } from "../settings";
import { tell } from "../toasts";

export type SaveState = "saved" | "changed" | "saving" | "offline" | "conflict";

export interface Conflict {
  readonly theirs: Flow;
  readonly revision: string;
}

export interface Saving {
  readonly state: SaveState;
  readonly conflict: Conflict | null;
  /** Saves what is there; true when the server has it. */
  save(): Promise<boolean>;
  /** Ends a conflict: mine over theirs, theirs with mine one undo away, or later. */
  settle(how: "mine" | "theirs" | "later"): Promise<void>;
}

const RETRY_MS = 8_000;
const DRAFT_MS = 400;

export const browserStore: TextStore = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, value),
  removeItem: (key) => localStorage.removeItem(key),
};

export function useSaving(editor: Editor): Saving {
  const [dirty, setDirty] = useState(editor.dirty);
  const [busy, setBusy] = useState(false);
  const [offline, setOffline] = useState(false);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const running = useRef<Promise<boolean> | null>(null);

  const save = useCallback((): Promise<boolean> => {
    const { t } = textsFor(useSettings.getState().language);
    const once = async (): Promise<boolean> => {
      const flow = editor.flow;
      if (flow === editor.state.saved) return true;
      setBusy(true);
      try {
        editor.markSaved(flow, await saveFlow(flow, editor.state.revision));
        setOffline(false);
        if (!editor.dirty) dropDraft(browserStore, flow.id);
        return true;
      } catch (error) {
        const problem = asApiError(error);
        setOffline(problem.offline);
        if (problem.status === 412) {
          const { flow: theirs, revision } = await openFlow(flow.id);
          setConflict({ theirs, revision });
        } else if (!problem.offline) tell("bad", t("save.failed", { reason: problem.message }));
        return false;
      } finally {
        setBusy(false);
      }
    };
    const next = (running.current ?? Promise.resolve(true)).then(once, once);
    running.current = next;
    return next;
  }, [editor]);

  // The work is in the browser's own store moments after every change.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = (): void => {
      const { flow, dirty: unsaved, state } = editor;
      if (!unsaved) dropDraft(browserStore, flow.id);
      else if (!keepDraft(browserStore, { flow, revision: state.revision, at: new Date().toISOString() })) {
        tell("bad", textsFor(useSettings.getState().language).t("save.noRoom"));
      }
    };
    const stop = editor.store.subscribe((state, before) => {
      if (state.history === before.history && state.saved === before.saved) return;
      setDirty(editor.dirty);
      clearTimeout(timer);
      timer = setTimeout(keep, DRAFT_MS);
    });
    const leaving = (event: BeforeUnloadEvent): void => {
      clearTimeout(timer);
      keep();
      if (editor.dirty) event.preventDefault();
    };
    window.addEventListener("beforeunload", leaving);
    return () => {
      stop();
      clearTimeout(timer);
      keep();
      window.removeEventListener("beforeunload", leaving);
    };
  }, [editor]);

  useEffect(() => {
    if (!offline) return undefined;
    const again = (): void => void save();
    const timer = setInterval(again, RETRY_MS);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [offline, save]);

  const settle = async (how: "mine" | "theirs" | "later"): Promise<void> => {
    const found = conflict;
    setConflict(null);
    if (!found || how === "later") return;
    const mine = editor.flow;
    editor.markSaved(found.theirs, found.revision);
    if (how === "mine") await save();
    else {
      editor.edit({ kind: "flow.replace", flow: found.theirs }, "step.takeTheirs");
      editor.markSaved(editor.flow, found.revision);
      if (mine !== editor.flow) tell("info", textsFor(useSettings.getState().language).t("save.tookTheirs"));
    }
  };

  const state: SaveState = busy ? "saving" : offline ? "offline" : conflict ? "conflict" : dirty ? "changed" : "saved";
  return { state, conflict, save, settle };
}
