/** The mini-map of a large flow: drawn once, with the view's frame moved over it. Press or drag to go there. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import { boundsOf, seen } from "../../core/scene";
import { isDark, useSettings } from "../settings";
import { useTexts } from "../texts";
import type { CanvasNode } from "./canvasModel";
import { coloursOf } from "./picturePaint";

const WIDTH = 200;
const HEIGHT = 150;
const PADDING = 6;

export function LargeMap({ nodes }: { nodes: readonly CanvasNode[] }) {
  const { t } = useTexts();
  const store = useStoreApi();
  const { setCenter, getZoom } = useReactFlow();
  const dark = isDark(useSettings((settings) => settings.theme));
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const place = useMemo(() => {
    const bounds = boundsOf(nodes) ?? { x: 0, y: 0, width: 1, height: 1 };
    const scale = Math.min((WIDTH - 2 * PADDING) / bounds.width, (HEIGHT - 2 * PADDING) / bounds.height);
    return { scale, x: (WIDTH - bounds.width * scale) / 2 - bounds.x * scale, y: (HEIGHT - bounds.height * scale) / 2 - bounds.y * scale };
  }, [nodes]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    canvas.current.width = WIDTH * ratio;
    canvas.current.height = HEIGHT * ratio;
    context.setTransform(place.scale * ratio, 0, 0, place.scale * ratio, place.x * ratio, place.y * ratio);
    const colours = coloursOf(document.documentElement);
    for (const { type, position, width = 0, height = 0, data } of nodes) {
      context.fillStyle = colours(type === "note" ? "note-line" : ((data as { type?: { category?: string } }).type?.category ?? "end"));
      context.fillRect(position.x, position.y, width, height);
    }
  }, [nodes, place, dark]);

  useEffect(() => {
    const follow = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      const view = seen({ x, y, zoom }, width, height);
      const style = frame.current?.style;
      if (!style) return;
      style.transform = `translate(${view.x * place.scale + place.x}px, ${view.y * place.scale + place.y}px)`;
      style.width = `${view.width * place.scale}px`;
      style.height = `${view.height * place.scale}px`;
    };
    follow();
    return store.subscribe(follow);
  }, [store, place]);

  const go = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.x - place.x) / place.scale;
    const y = (event.clientY - box.y - place.y) / place.scale;
    void setCenter(x, y, { zoom: getZoom() });
  };
  return (
    <div className="large-map nopan nowheel" role="img" aria-label={t("canvas.minimap")} onPointerDown={go} onPointerMove={go}>
      <canvas ref={canvas} />
      <div ref={frame} />
    </div>
  );
}
