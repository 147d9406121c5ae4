/** Undo and redo bring what they changed into sight, where none of it is. */
import { useEffect } from "react";
import type { Editor } from "../../core/editor";
import type { History } from "../../core/history";
import { boundsOf, rectOf, touches } from "../../core/scene";
import { nodeSize } from "../../core/summary";
import { whereChanged } from "../../core/whereChanged";
import type { PageDoor } from "./host";

/** A new step ends what could be done again; going back and forth only moves along. */
const wentAlong = (before: History, now: History): boolean =>
  before.past.length !== now.past.length &&
  before.past.length + before.future.length === now.past.length + now.future.length &&
  (now.future.length > before.future.length || now.past.at(-1) === before.future[now.past.length - before.past.length - 1]);

export function useUndoneInSight(editor: Editor, door: PageDoor): void {
  useEffect(
    () =>
      editor.store.subscribe(({ history, types }, { history: before }) => {
        const { canvas } = door;
        if (!canvas || !wentAlong(before, history)) return;
        const changed = whereChanged(before.flow, history.flow).map((node) => ({ ...node, ...nodeSize(history.flow, types, node) }));
        const [first] = changed;
        const box = document.querySelector(".canvas")?.getBoundingClientRect();
        if (!first || !box || box.width === 0) return;
        const corner = canvas.screenToFlowPosition({ x: box.left, y: box.top }, { snapToGrid: false });
        const zoom = canvas.getZoom();
        const view = { ...corner, width: box.width / zoom, height: box.height / zoom };
        if (changed.some((node) => touches(rectOf(node), view))) return;
        const all = boundsOf(changed);
        const { x, y, width, height } = all && all.width <= view.width && all.height <= view.height ? all : rectOf(first);
        void canvas.setCenter(x + width / 2, y + height / 2, { zoom });
      }),
    [editor, door],
  );
}
