/**
 * A large flow seen from far away, as one picture.
 *
 * It is drawn a little larger than the view and then only moved, so that panning costs no drawing; while something is
 * dragged, what moves lies on a bitmap of its own. Pointing is in {@link usePicturePointer}.
 */
import { useStoreApi } from "@xyflow/react";
import { type Ref, useContext, useEffect, useImperativeHandle, useRef } from "react";
import { useStore } from "zustand";
import { type View, holds, inside, seen } from "../../core/scene";
import { isDark, useSettings } from "../settings";
import type { CanvasNode, LineEdge } from "./canvasModel";
import { OverlayContext } from "./overlaySigns";
import { type Look, coloursOf, paintCards, paintNotes, paintStrokes, strokesOf } from "./picturePaint";

/** How much is drawn beyond the view on each side, in views. */
const MARGIN = 0.4;
/** While zooming the picture is only scaled; it is drawn anew when the hand rests, or when it got too coarse. */
const REST_MS = 110;
const COARSE = 1.6;
/** With more moving edges than this, the ones that lead to what stands still are not drawn while dragging. */
const FOLLOWING_EDGES = 400;

export interface PictureHandle {
  /** Shows these things moved by so much; the rest stands still. */
  drag(ids: ReadonlySet<string>, dx: number, dy: number): void;
  endDrag(): void;
}

interface Props {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly LineEdge[];
  readonly ref?: Ref<PictureHandle>;
}

interface Painted {
  readonly view: View;
  readonly width: number;
  readonly height: number;
}

class PictureLayers {
  #painted: Painted | null = null;
  #moving: ReadonlySet<string> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  view: View = { x: 0, y: 0, zoom: 1 };
  size = { width: 0, height: 0 };
  nodes: readonly CanvasNode[] = [];
  edges: readonly LineEdge[] = [];
  look: Omit<Look, "zoom"> | null = null;

  constructor(
    readonly still: HTMLCanvasElement,
    readonly moved: HTMLCanvasElement,
    readonly between: HTMLCanvasElement,
  ) {}

  /** The view is another: the picture is moved, and drawn anew only when it no longer fits. */
  follow(view: View): void {
    this.view = view;
    clearTimeout(this.#timer);
    const painted = this.#painted;
    if (!painted || !this.#covers(painted)) {
      this.paint();
      return;
    }
    this.#place();
    if (painted.view.zoom !== view.zoom) this.#timer = setTimeout(() => this.paint(), REST_MS);
  }

  repaintSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.paint());
  }

  stop(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
  }

  #margins(): { x: number; y: number } {
    return { x: Math.round(this.size.width * MARGIN), y: Math.round(this.size.height * MARGIN) };
  }

  #covers({ view, width, height }: Painted): boolean {
    const { zoom } = this.view;
    if (width !== this.size.width || height !== this.size.height) return false;
    if (zoom > view.zoom * COARSE) return false;
    const margin = this.#margins();
    const drawn = seen({ x: view.x + margin.x, y: view.y + margin.y, zoom: view.zoom }, width + 2 * margin.x, height + 2 * margin.y);
    const now = seen(this.view, width, height);
    // When zooming out, the edge of the picture may be seen for a moment rather than drawing it with every step.
    return zoom < view.zoom ? zoom * COARSE > view.zoom : holds(drawn, now);
  }

  #place(): void {
    const painted = this.#painted;
    if (!painted) return;
    const scale = this.view.zoom / painted.view.zoom;
    const margin = this.#margins();
    const x = this.view.x - (painted.view.x + margin.x) * scale;
    const y = this.view.y - (painted.view.y + margin.y) * scale;
    // On whole pixels where it is not scaled: anything else has to be mixed anew with every step.
    this.still.style.transform = scale === 1 ? `translate(${Math.round(x)}px, ${Math.round(y)}px)` : `translate(${x}px, ${y}px) scale(${scale})`;
  }

  #context(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const margin = this.#margins();
    const width = this.size.width + 2 * margin.x;
    const height = this.size.height + 2 * margin.y;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const { x, y, zoom } = this.view;
    context.setTransform(zoom * ratio, 0, 0, zoom * ratio, (x + margin.x) * ratio, (y + margin.y) * ratio);
    return context;
  }

  /** Draws what stands still. */
  paint(): void {
    clearTimeout(this.#timer);
    const { look, size } = this;
    if (!look || size.width === 0) return;
    const context = this.#context(this.still);
    if (!context) return;
    this.#painted = { view: this.view, ...size };
    const moving = this.#moving;
    const still = moving ? this.nodes.filter((node) => !moving.has(node.id)) : this.nodes;
    const edges = moving ? this.edges.filter((edge) => !moving.has(edge.source) && !moving.has(edge.target)) : this.edges;
    this.#draw(context, still, edges, look);
    this.#place();
  }

  #draw(context: CanvasRenderingContext2D, nodes: readonly CanvasNode[], edges: readonly LineEdge[], plain: Omit<Look, "zoom">): void {
    const margin = this.#margins();
    const { zoom } = this.view;
    const look = { ...plain, zoom };
    const frame = seen({ x: this.view.x + margin.x, y: this.view.y + margin.y, zoom }, this.size.width + 2 * margin.x, this.size.height + 2 * margin.y);
    const drawn = inside(nodes, frame);
    const byId = new Map(this.nodes.map((node) => [node.id, node]));
    paintNotes(context, drawn, look);
    paintStrokes(context, strokesOf(edges, byId, look));
    paintCards(context, drawn, look);
  }

  drag(ids: ReadonlySet<string>, dx: number, dy: number): void {
    const { look } = this;
    if (!look) return;
    if (this.#moving !== ids) {
      this.#moving = ids;
      this.paint();
      const context = this.#context(this.moved);
      if (context) {
        const within = this.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target));
        this.#draw(context, this.nodes.filter((node) => ids.has(node.id)), within, look);
      }
    }
    const margin = this.#margins();
    const { zoom } = this.view;
    this.moved.style.transform = `translate(${Math.round(dx * zoom - margin.x)}px, ${Math.round(dy * zoom - margin.y)}px)`;
    const following = this.edges.filter((edge) => ids.has(edge.source) !== ids.has(edge.target));
    if (following.length === 0 || following.length > FOLLOWING_EDGES) return;
    const context = this.#context(this.between);
    if (!context) return;
    this.between.style.transform = `translate(${-margin.x}px, ${-margin.y}px)`;
    const byId = new Map(this.nodes.map((node) => [node.id, node]));
    const by = { x: dx, y: dy };
    const none = { x: 0, y: 0 };
    paintStrokes(context, strokesOf(following, byId, { ...look, zoom }, (id) => (ids.has(id) ? by : none)));
  }

  /** What was dragged stays where it is shown until the flow has it there. */
  endDrag(): void {
    if (!this.#moving) return;
    this.#moving = null;
    for (const canvas of [this.moved, this.between]) {
      canvas.width = 0;
      canvas.height = 0;
    }
    this.repaintSoon();
  }
}

export function Picture({ nodes, edges, ref }: Props) {
  const store = useStoreApi();
  const overlays = useStore(useContext(OverlayContext).store);
  const language = useSettings((settings) => settings.language);
  const dark = isDark(useSettings((settings) => settings.theme));
  const box = useRef<HTMLDivElement>(null);
  const layers = useRef<PictureLayers | null>(null);

  useEffect(() => {
    const element = box.current;
    const [still, moved, between] = element?.querySelectorAll("canvas") ?? [];
    if (!element || !still || !moved || !between) return undefined;
    const made = new PictureLayers(still, moved, between);
    layers.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      made.size = { width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) };
      made.repaintSoon();
    });
    observer.observe(element);
    let before = store.getState().transform;
    const look = ([x, y, zoom]: readonly [number, number, number]): View => ({ x, y, zoom });
    made.view = look(before);
    const stop = store.subscribe(({ transform }) => {
      if (transform === before) return;
      before = transform;
      made.follow(look(transform));
    });
    return () => {
      stop();
      observer.disconnect();
      made.stop();
      layers.current = null;
    };
  }, [store]);

  useEffect(() => {
    const made = layers.current;
    if (!made) return;
    Object.assign(made, { nodes, edges, look: { colours: coloursOf(document.documentElement), overlays, language } });
    made.repaintSoon();
  }, [nodes, edges, overlays, language, dark]);

  useImperativeHandle(ref, () => ({
    drag: (ids, dx, dy) => layers.current?.drag(ids, dx, dy),
    endDrag: () => layers.current?.endDrag(),
  }));

  return (
    <div className="picture" ref={box} aria-hidden>
      <canvas />
      <canvas />
      <canvas />
    </div>
  );
}
