import { useEffect } from "react";
import { type ActionContext, actionById, actionFor, isEnabled } from "../../core/actions";
import { edgeKey } from "../../core/flow";
import type { BrowserClipboard } from "./clipboardHost";

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target instanceof HTMLInputElement && !["checkbox", "radio", "range"].includes(target.type)));

const focusPlace = (target: EventTarget | null): "text" | "panel" | "canvas" => {
  if (isTextField(target)) return "text";
  if (!(target instanceof Element) || target === document.body || target.closest(".canvas")) return "canvas";
  return "panel";
};

/** Keys that the browser turns into clipboard events, which bring the clipboard's text along. */
const CLIPBOARD_ACTIONS = { copy: "edit.copy", cut: "edit.cut", paste: "edit.paste" } as const;

export function useShortcuts(context: ActionContext, clipboard: BrowserClipboard): void {
  useEffect(() => {
    const clipboardIds = new Set<string>(Object.values(CLIPBOARD_ACTIONS));
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const place = focusPlace(event.target);
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (place === "canvas" && plain && (event.key === "Enter" || event.key === " ")) {
        const edge = (event.target as Element).closest?.<SVGElement>(".react-flow__edge")?.dataset["id"];
        if (edge !== undefined) {
          event.preventDefault();
          // Where two edges of a port are shown the id is longer; what is selected is the flow's own edge.
          context.editor.select({ edges: context.editor.flow.edges.map(edgeKey).filter((key) => edge === key || edge.startsWith(`${key}>`)).slice(0, 1) });
          context.host.showPanel("properties");
          return;
        }
        const id = (event.target as Element).closest?.<HTMLElement>(".react-flow__node")?.dataset["id"];
        if (id && context.editor.flow.nodes.some((node) => node.id === id)) {
          event.preventDefault();
          const { nodes } = context.editor.state.selection;
          // The first time it shows what there is to edit, the second time it begins.
          if (event.key === "Enter" && nodes.length === 1 && nodes[0] === id) context.host.editOnCard(id);
          context.editor.select({ nodes: [id] });
          context.host.showPanel("properties");
        }
        return;
      }
      const action = actionFor(event, place, isMac);
      if (!action || clipboardIds.has(action.id)) return;
      if (!isEnabled(action, context)) return;
      event.preventDefault();
      void action.run(context);
    };
    const onClipboard = (event: ClipboardEvent): void => {
      if (focusPlace(event.target) !== "canvas" || document.querySelector("dialog[open]")) return;
      if (event.type !== "paste" && getSelection()?.toString()) return;
      const action = actionById(CLIPBOARD_ACTIONS[event.type as keyof typeof CLIPBOARD_ACTIONS]);
      if (isEnabled(action, context)) clipboard.during(event, () => void action.run(context));
    };
    window.addEventListener("keydown", onKey);
    for (const name of Object.keys(CLIPBOARD_ACTIONS)) document.addEventListener(name as "copy", onClipboard);
    return () => {
      window.removeEventListener("keydown", onKey);
      for (const name of Object.keys(CLIPBOARD_ACTIONS)) document.removeEventListener(name as "copy", onClipboard);
    };
  }, [context, clipboard]);
}
