/** What the rest of the page asks of a canvas. The canvas library knows of a large flow only what is near the view; this knows all. */
import { type ReactFlowInstance, type Viewport, getViewportForBounds } from "@xyflow/react";
import type { Position } from "../../core/flow";
import { type Rect, type Standing, boundsOf } from "../../core/scene";
import type { CanvasNode, LineEdge } from "./canvasModel";

export const MIN_ZOOM = 0.08;
export const MAX_ZOOM = 2;

export interface FitOptions {
  /** All of the flow without it. */
  readonly nodes?: readonly { readonly id: string }[];
  readonly padding?: number;
  readonly maxZoom?: number;
  readonly duration?: number;
}

interface Moving {
  readonly duration?: number;
}

export interface CanvasHandle {
  fitView(options?: FitOptions): Promise<boolean>;
  setCenter(x: number, y: number, options?: Moving & { readonly zoom?: number }): Promise<boolean>;
  setViewport(view: Viewport, options?: Moving): Promise<boolean>;
  zoomIn(options?: Moving): Promise<boolean>;
  zoomOut(options?: Moving): Promise<boolean>;
  zoomTo(zoom: number, options?: Moving): Promise<boolean>;
  getZoom(): number;
  screenToFlowPosition(screen: Position, options?: { readonly snapToGrid: boolean }): Position;
  /** How large the canvas is on the screen. */
  size(): { width: number; height: number };
}

/** On whole pixels, where the layers are moved fastest and letters are sharpest. */
export const whole = ({ x, y, zoom }: Viewport): Viewport => ({ x: Math.round(x), y: Math.round(y), zoom });

export function flowHandle(instance: ReactFlowInstance<CanvasNode, LineEdge>, all: () => readonly Standing[], box: () => HTMLElement | null): CanvasHandle {
  const size = (): { width: number; height: number } => {
    const { width = 0, height = 0 } = box()?.getBoundingClientRect() ?? {};
    return { width, height };
  };
  const place = (bounds: Rect, { padding = 0.1, maxZoom = 1 }: FitOptions): Viewport => {
    const { width, height } = size();
    return whole(getViewportForBounds(bounds, width, height, MIN_ZOOM, maxZoom, padding));
  };
  return {
    fitView: async (options = {}) => {
      const wanted = options.nodes ? new Set(options.nodes.map((node) => node.id)) : null;
      const bounds = boundsOf(all().filter((item) => !wanted || wanted.has(item.id)));
      if (!bounds || size().width === 0) return false;
      return instance.setViewport(place(bounds, options), { duration: options.duration ?? 0 });
    },
    setCenter: (x, y, { zoom = instance.getZoom(), duration = 0 } = {}) => {
      const { width, height } = size();
      return instance.setViewport(whole({ x: width / 2 - x * zoom, y: height / 2 - y * zoom, zoom }), { duration });
    },
    setViewport: (view, options) => instance.setViewport(whole(view), options),
    zoomIn: (options) => instance.zoomIn(options),
    zoomOut: (options) => instance.zoomOut(options),
    zoomTo: (zoom, options) => instance.zoomTo(zoom, options),
    getZoom: () => instance.getZoom(),
    screenToFlowPosition: (screen, options) => instance.screenToFlowPosition(screen, options),
    size,
  };
}
