/** The canvas itself, to edit on or to look at: small flows as cards, of large ones what is near the view, far away one picture. */
import { ControlButton, Controls, MiniMap, ReactFlow, type ReactFlowInstance, type ReactFlowProps, useReactFlow, useStoreApi } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { Maximize } from "lucide-react";
import { type FocusEvent, type HTMLAttributes, type MouseEvent, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import type { Position } from "../../core/flow";
import { boundsOf } from "../../core/scene";
import { useLatest } from "../latest";
import { useTexts } from "../texts";
import { ConnectionMark } from "./CardPort";
import { LargeMap } from "./LargeMap";
import { Picture, type PictureHandle } from "./Picture";
import { PictureNodes } from "./PictureNodes";
import { Sheet } from "./Sheet";
import type { CanvasNode, LineEdge } from "./canvasModel";
import { EDGE_VIEWS, HIDE_ATTRIBUTION, MAP_MASK, NODE_VIEWS, canvasLabels, mapColour } from "./canvasViews";
import { type CanvasHandle, MAX_ZOOM, MIN_ZOOM, flowHandle, whole } from "./flowHandle";
import { usePicturePointer } from "./picturePointer";
import { TileContext } from "./tile";
import { LARGE_FROM, useVisibleWindow } from "./visibleWindow";
import "./canvas.css";

interface Props {
  /** Everything, each where the flow has it. */
  readonly settled: readonly CanvasNode[];
  /** Everything, what is being dragged where the pointer has it. */
  readonly nodes?: readonly CanvasNode[];
  readonly edges: readonly LineEdge[];
  readonly selected: ReadonlySet<string>;
  readonly grid: boolean;
  readonly minimap: boolean;
  readonly flow?: Partial<ReactFlowProps<CanvasNode, LineEdge>>;
  readonly frame?: HTMLAttributes<HTMLDivElement>;
  onReady(handle: CanvasHandle): void;
  /** Pointing at the picture; on cards the canvas library says what was pointed at. */
  onSelect(ids: readonly string[], how: "only" | "add" | "toggle"): void;
  onMove?(ids: readonly string[], by: Position): void;
  onOpen?(id: string): void;
  along?(ids: readonly string[]): readonly string[];
}

const CRISP_MS = 160;

/**
 * The layer that holds the cards is moved as it is, without drawing it again. After zooming it has to be drawn once for its
 * new size, or its letters would stay those of the old one.
 */
function CrispLayer({ of }: { of: () => HTMLElement | null }) {
  const store = useStoreApi();
  const { getViewport, setViewport } = useReactFlow();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [, , zoom] = store.getState().transform;
    const stop = store.subscribe(({ transform: [, , now] }) => {
      if (now === zoom) return;
      zoom = now;
      clearTimeout(timer);
      timer = setTimeout(() => {
        void setViewport(whole(getViewport()));
        const layer = of()?.querySelector<HTMLElement>(".react-flow__viewport");
        if (!layer) return;
        layer.style.willChange = "auto";
        requestAnimationFrame(() => requestAnimationFrame(() => layer.style.removeProperty("will-change")));
      }, CRISP_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, of, getViewport, setViewport]);
  return null;
}

export function FlowSurface(props: Props) {
  const { settled, edges, selected, grid, minimap, flow, frame, onReady, onSelect, onMove, onOpen, along } = props;
  const { t, language } = useTexts();
  const nodes = props.nodes ?? settled;
  const shown = useVisibleWindow(settled, nodes, edges);
  const { onSize } = shown;
  const box = useRef<HTMLDivElement>(null);
  const picture = useRef<PictureHandle>(null);
  const handle = useRef<CanvasHandle | null>(null);
  const all = useRef(settled);
  useLayoutEffect(() => void (all.current = settled), [settled]);
  const findBox = useRef(() => box.current).current;

  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && onSize(entry.contentRect.width, entry.contentRect.height));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [onSize]);

  const { marquee, handlers } = usePicturePointer({
    active: shown.picture,
    picture,
    nodes: settled,
    selected,
    toFlow: (screen) => handle.current?.screenToFlowPosition(screen, { snapToGrid: false }) ?? screen,
    along: along ?? ((ids) => ids),
    onSelect,
    ...(onMove ? { onMove } : {}),
    ...(onOpen ? { onOpen } : {}),
  });
  const origin = marquee ? box.current?.getBoundingClientRect() : undefined;
  const bounds = useMemo(() => boundsOf(settled), [settled]);
  const large = settled.length >= LARGE_FROM;

  const bringNear = (node: CanvasNode, zoom?: number): void => {
    const { width = 0, height = 0, position } = node;
    void handle.current?.setCenter(position.x + width / 2, position.y + height / 2, { zoom: zoom ?? handle.current.getZoom() });
  };
  /** Whoever goes from card to card by the Tab key sees where. */
  const onFocus = (event: FocusEvent<HTMLDivElement>): void => {
    const { target } = event;
    if (!target.matches(".react-flow__node:focus-visible")) return;
    const card = target.getBoundingClientRect();
    const view = event.currentTarget.getBoundingClientRect();
    if (card.left >= view.left && card.top >= view.top && card.right <= view.right && card.bottom <= view.bottom) return;
    const node = settled.find(({ id }) => id === target.dataset["id"]);
    if (node) bringNear(node);
  };
  const { onPaneClick, onInit } = useLatest({
    onPaneClick: (event: MouseEvent) => {
      if (shown.picture) onSelect([], "only");
      flow?.onPaneClick?.(event);
    },
    onInit: (instance: ReactFlowInstance<CanvasNode, LineEdge>) => {
      handle.current = flowHandle(instance, () => all.current, findBox);
      onReady(handle.current);
      shown.onViewport(instance.getViewport());
    },
  });

  return (
    <div {...frame} {...handlers} onFocus={onFocus} onPointerMove={(event) => {
      frame?.onPointerMove?.(event);
      handlers.onPointerMove(event);
    }} ref={box} className={shown.picture ? "canvas far" : "canvas"}>
      <TileContext value={shown.tile}>
        <ReactFlow<CanvasNode, LineEdge>
          nodeTypes={NODE_VIEWS}
          edgeTypes={EDGE_VIEWS}
          minZoom={MIN_ZOOM}
          maxZoom={MAX_ZOOM}
          deleteKeyCode={null}
          panOnScroll
          // By whole pixels: a layer between two pixels has to be mixed anew, which takes several times as long.
          panOnScrollSpeed={1}
          disableKeyboardA11y
          ariaLabelConfig={canvasLabels(language)}
          proOptions={HIDE_ATTRIBUTION}
          {...flow}
          nodes={shown.nodes as CanvasNode[]}
          edges={shown.edges as LineEdge[]}
          onViewportChange={shown.onViewport}
          onPaneClick={onPaneClick}
          onInit={onInit}
        >
          <CrispLayer of={findBox} />
          <ConnectionMark />
          {shown.picture && <Picture ref={picture} nodes={settled} edges={edges} />}
          {shown.picture && <PictureNodes nodes={settled} selected={selected} onSelect={(id) => onSelect([id], "only")} onOpen={(id) => onOpen?.(id)} onSight={bringNear} />}
          {bounds && !shown.picture && <Sheet bounds={bounds} dots={grid && !shown.tile} />}
          <Controls showInteractive={false} showFitView={false} position="bottom-left">
            <ControlButton
              className="react-flow__controls-fitview"
              aria-label={t("action.view.fit")}
              title={t("action.view.fit")}
              onClick={() => void handle.current?.fitView({ padding: 0.08, maxZoom: 1 })}
            >
              <Maximize aria-hidden />
            </ControlButton>
          </Controls>
          {minimap && (large ? <LargeMap nodes={settled} /> : <MiniMap<CanvasNode> pannable zoomable position="bottom-right" nodeColor={mapColour} nodeBorderRadius={16} maskColor={MAP_MASK} />)}
        </ReactFlow>
      </TileContext>
      {marquee && <div className="marquee" style={{ left: marquee.x - (origin?.x ?? 0), top: marquee.y - (origin?.y ?? 0), width: marquee.width, height: marquee.height }} />}
    </div>
  );
}
