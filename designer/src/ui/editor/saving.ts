/** Saving, and what can stand in its way: a lost connection, or somebody who saved before. The author's work is kept in every case. */
import { useCallback, useEffect, useRef, useState } from "react";
import { createFlow, listFlows, openFlow, saveFlow } from "../../api/flows";
import { type TextStore, dropDraft, keepDraft } from "../../core/drafts";
import type { Editor } from "../../core/editor";
import { type Flow, freshId } from "../../core/flow";
import { reasonOf } from "../refusals";
import { asApiError } from "../resource";
import { navigate } from "../router";
import { textsFor } from "../texts";
import { useSettings } from "../settings";
import { tell } from "../toasts";

export type SaveState = "saved" | "changed" | "saving" | "offline" | "conflict";

export interface Conflict {
  readonly theirs: Flow;
  readonly revision: string;
  /** Who saved it. */
  readonly by: string;
}

/** How a conflict ends: mine over theirs, theirs with mine one undo away, mine as a flow of its own, or later. */
export type Settlement = "mine" | "theirs" | "copy" | "later";

export interface Saving {
  readonly state: SaveState;
  readonly conflict: Conflict | null;
  /** Saves what is there; true when the server has it. */
  save(): Promise<boolean>;
  settle(how: Settlement): Promise<void>;
  /** Takes over what somebody else saved, where nothing of one's own is unsaved; else the conflict is shown. */
  catchUp(): Promise<void>;
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
          const { flow: theirs, revision, changed_by: by = "" } = await openFlow(flow.id);
          setConflict({ theirs, revision, by });
        } else if (!problem.offline) tell("bad", t("save.failed", { reason: reasonOf(problem) }));
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

  const keepAsCopy = async (mine: Flow): Promise<void> => {
    const taken = new Set((await listFlows()).map((item) => item.id));
    const id = freshId(`${mine.id.slice(0, 54)}_copy`, taken);
    await createFlow({ ...mine, id });
    const { t } = textsFor(useSettings.getState().language);
    tell("good", t("conflict.copied", { id }), { label: t("conflict.openCopy"), run: () => navigate(`/flows/${encodeURIComponent(id)}`) });
  };

  const settle = async (how: Settlement): Promise<void> => {
    const found = conflict;
    setConflict(null);
    if (!found || how === "later") return;
    const mine = editor.flow;
    if (how === "copy") {
      try {
        await keepAsCopy(mine);
      } catch (error) {
        tell("bad", reasonOf(error));
        setConflict(found);
        return;
      }
    }
    editor.markSaved(found.theirs, found.revision);
    if (how === "mine") await save();
    else {
      editor.edit({ kind: "flow.replace", flow: found.theirs }, "step.takeTheirs");
      editor.markSaved(editor.flow, found.revision);
      if (mine !== editor.flow) tell("info", textsFor(useSettings.getState().language).t("save.tookTheirs"));
    }
  };

  const catchUp = useCallback(async (): Promise<void> => {
    const { flow: theirs, revision, changed_by: by = "" } = await openFlow(editor.flow.id);
    if (revision === editor.state.revision) return;
    if (editor.dirty) {
      setConflict({ theirs, revision, by });
      return;
    }
    editor.edit({ kind: "flow.replace", flow: theirs }, "step.takeTheirs");
    editor.markSaved(editor.flow, revision);
  }, [editor]);

  const state: SaveState = busy ? "saving" : offline ? "offline" : conflict ? "conflict" : dirty ? "changed" : "saved";
  return { state, conflict, save, settle, catchUp };
}
