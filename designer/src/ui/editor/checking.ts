/** Asks the server for the draft's problems a moment after the author stops changing it. */
import { useEffect, useState } from "react";
import { checkFlow } from "../../api/flows";
import type { Editor } from "../../core/editor";

const QUIET_MS = 350;

export type CheckState = "checked" | "checking" | "unknown";

export function useChecking(editor: Editor): CheckState {
  const [state, setState] = useState<CheckState>("checking");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: AbortController | undefined;
    const check = async (): Promise<void> => {
      running?.abort();
      const controller = new AbortController();
      running = controller;
      try {
        const problems = await checkFlow(editor.flow, controller.signal);
        if (controller.signal.aborted) return;
        editor.setProblems(problems);
        setState("checked");
      } catch {
        if (!controller.signal.aborted) setState("unknown"); // Saving tells of a lost connection.
      }
    };
    const soon = (): void => {
      setState("checking");
      clearTimeout(timer);
      timer = setTimeout(() => void check(), QUIET_MS);
    };
    soon();
    const stop = editor.store.subscribe((now, before) => {
      if (now.history !== before.history) soon();
    });
    return () => {
      stop();
      clearTimeout(timer);
      running?.abort();
    };
  }, [editor]);
  return state;
}
