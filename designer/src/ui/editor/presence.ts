/** The page's line to the others who have the flow open. It opens itself again when it is lost. */
import { useEffect, useState } from "react";
import { openFlow } from "../../api/flows";
import type { Editor } from "../../core/editor";
import { clearOverlay, setOverlay } from "../../core/overlay";
import { type Deed, type Presence, alone, deedOf, peopleOverlay, receivePeople } from "../../core/presence";
import { useSettings } from "../settings";
import { textsFor } from "../texts";
import { tell } from "../toasts";
import type { Saving } from "./saving";

const OVERLAY = "people";
const AGAIN_MS = 4_000;
const MOST_NODES = 50;

export function usePresence(editor: Editor, { catchUp }: Pick<Saving, "catchUp">): Presence {
  const [presence, setPresence] = useState(alone);

  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = "";
    let over = false;
    let now = alone;

    const take = (next: Presence): void => {
      now = next;
      setPresence(next);
      setOverlay(OVERLAY, peopleOverlay(next.others));
    };
    const here = (): void => {
      if (socket?.readyState !== WebSocket.OPEN) return;
      const text = JSON.stringify({ type: "here", nodes: editor.state.selection.nodes.slice(0, MOST_NODES), unsaved: editor.dirty });
      if (text === told) return;
      told = text;
      socket.send(text);
    };
    const hear = (deed: Deed): void => {
      const { t } = textsFor(useSettings.getState().language);
      if (deed.kind === "saved") {
        // One's own saving comes back too, maybe before its answer: a moment later the revision is known.
        setTimeout(() => {
          if (over || deed.revision === editor.state.revision || Number(deed.revision) < Number(editor.state.revision)) return;
          tell("info", t("presence.saved", { user: deed.by }), { label: t("presence.takeOver"), run: () => void catchUp() });
        }, 300);
        return;
      }
      void openFlow(editor.flow.id).then(({ published, testing = null }) => {
        const news = published !== editor.state.published || testing !== editor.state.testing;
        if (over || !news) return;
        editor.markPublished(published, testing);
        tell("info", t(deed.test ? "presence.tested" : "presence.published", { user: deed.by, version: deed.version ?? "–" }));
      }, () => undefined); // The next message, or the next publish, brings it up to date.
    };
    const open = (): void => {
      socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/flows/${encodeURIComponent(editor.flow.id)}/presence`);
      socket.onopen = () => {
        told = "";
        here();
      };
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as Record<string, unknown>;
        const deed = deedOf(message);
        if (deed) hear(deed);
        const next = receivePeople(now, message);
        if (next !== now) take(next);
      };
      socket.onclose = () => {
        if (over) return;
        take(alone);
        timer = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    const stop = editor.store.subscribe(here);
    return () => {
      over = true;
      stop();
      clearTimeout(timer);
      socket?.close();
      clearOverlay(OVERLAY);
    };
  }, [editor, catchUp]);

  return presence;
}
