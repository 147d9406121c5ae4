/** Pointing at the picture of a large flow: selecting, dragging, framing and opening as on the cards themselves. */
import { type MouseEvent, type PointerEvent, type RefObject, type TouchEvent, useRef, useState } from "react";
import { snap } from "../../core/arrange";
import type { Position } from "../../core/flow";
import { type Rect, inside, under } from "../../core/scene";
import type { CanvasNode } from "./canvasModel";
import type { PictureHandle } from "./Picture";

const STILL = 4;

interface Options {
  readonly active: boolean;
  readonly picture: RefObject<PictureHandle | null>;
  readonly nodes: readonly CanvasNode[];
  readonly selected: ReadonlySet<string>;
  toFlow(screen: Position): Position;
  /** Ids that move along with these: what stands on a frame. */
  along(ids: readonly string[]): readonly string[];
  onSelect(ids: readonly string[], how: "only" | "add" | "toggle"): void;
  onMove?(ids: readonly string[], by: Position): void;
  onOpen?(id: string): void;
}

interface Gesture {
  readonly from: Position;
  readonly screen: Position;
  readonly hit: CanvasNode | undefined;
  ids: ReadonlySet<string> | null;
  by: Position;
}

/** The frame being drawn, in pixels of the page. */
export type Marquee = Rect | null;

export function usePicturePointer(options: Options) {
  const { active, picture, nodes, selected, toFlow, along, onSelect, onMove, onOpen } = options;
  const gesture = useRef<Gesture | null>(null);
  const [marquee, setMarquee] = useState<Marquee>(null);

  const onPane = (event: { target: EventTarget }): boolean =>
    active && event.target instanceof Element && event.target.closest(".react-flow__pane") !== null;
  const at = (event: { clientX: number; clientY: number }): Position => ({ x: event.clientX, y: event.clientY });
  const many = (event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): boolean => event.shiftKey || event.ctrlKey || event.metaKey;
  const frameOf = (from: Position, to: Position): Rect => ({
    x: Math.min(from.x, to.x),
    y: Math.min(from.y, to.y),
    width: Math.abs(to.x - from.x),
    height: Math.abs(to.y - from.y),
  });
  /** The canvas library would pan. */
  const ours = (event: MouseEvent | TouchEvent): void => {
    if (gesture.current) event.stopPropagation();
  };

  return {
    marquee,
    handlers: {
      onPointerDownCapture: (event: PointerEvent<HTMLElement>): void => {
        gesture.current = null;
        if (!onPane(event) || event.button !== 0 || !event.isPrimary) return;
        const from = toFlow(at(event));
        const hit = under(nodes, from);
        if (!hit && !event.shiftKey) return;
        gesture.current = { from, screen: at(event), hit, ids: null, by: { x: 0, y: 0 } };
        event.currentTarget.setPointerCapture(event.pointerId);
        event.stopPropagation();
      },
      onMouseDownCapture: ours,
      onTouchStartCapture: ours,
      onPointerMove: (event: PointerEvent<HTMLElement>): void => {
        const now = gesture.current;
        if (!now) return;
        const to = at(event);
        const still = Math.hypot(to.x - now.screen.x, to.y - now.screen.y) < STILL;
        if (!now.hit) {
          setMarquee(frameOf(now.screen, to));
          return;
        }
        if (!onMove || (still && !now.ids)) return;
        if (!now.ids) {
          const ids = selected.has(now.hit.id) ? [...selected] : [now.hit.id];
          if (!selected.has(now.hit.id)) onSelect(ids, "only");
          now.ids = new Set(along(ids.filter((id) => nodes.some((node) => node.id === id))));
        }
        const place = toFlow(to);
        const { position } = now.hit;
        const snapped = snap({ x: position.x + place.x - now.from.x, y: position.y + place.y - now.from.y });
        now.by = { x: snapped.x - position.x, y: snapped.y - position.y };
        picture.current?.drag(now.ids, now.by.x, now.by.y);
      },
      onPointerUp: (event: PointerEvent<HTMLElement>): void => {
        const now = gesture.current;
        gesture.current = null;
        if (!now) return;
        if (now.ids) {
          picture.current?.endDrag();
          onMove?.([...now.ids], now.by);
        } else if (now.hit) {
          onSelect([now.hit.id], many(event) ? "toggle" : "only");
        } else {
          setMarquee(null);
          const a = toFlow(now.screen);
          const b = toFlow(at(event));
          onSelect(inside(nodes, frameOf(a, b)).map((node) => node.id), "add");
        }
      },
      onPointerCancel: (): void => {
        gesture.current = null;
        setMarquee(null);
        picture.current?.endDrag();
      },
      onDoubleClickCapture: (event: MouseEvent<HTMLElement>): void => {
        const hit = onPane(event) ? under(nodes, toFlow(at(event))) : undefined;
        if (hit?.type === "card") onOpen?.(hit.id);
      },
    },
  };
}
