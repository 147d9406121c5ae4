/** An edge: coloured and dashed by the meaning of its port, as wide as the callers who took it. */
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath, useStore } from "@xyflow/react";
import { memo } from "react";
import type { Marking } from "../../core/overlay";
import { useTexts } from "../texts";
import type { LineEdge } from "./canvasModel";
import { OverlaySign, useEdgeMarking } from "./overlaySigns";
import { portColour } from "./portSigns";

/** Figures keep a size that can be read when the canvas is seen from far away. */
const READABLE_ZOOM = 0.75;
const counterZoom = ({ transform: [, , zoom] }: { transform: [number, number, number] }): number =>
  Math.max(1, Math.round((4 * READABLE_ZOOM) / zoom) / 4);

/** The share is left out where there is room for one figure only. */
const ONE_FIGURE = 1.5;

function Count({ x, y, count, percent }: { x: number; y: number; count: number; percent: number }) {
  const texts = useTexts();
  const scale = useStore(counterZoom);
  return (
    <EdgeLabelRenderer>
      <div className="line-count figures" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${scale})` }}>
        {texts.number(count)} {scale < ONE_FIGURE && <span className="muted">{texts.percent(percent)}</span>}
      </div>
    </EdgeLabelRenderer>
  );
}

function Signs({ x, y, marking }: { x: number; y: number; marking: Marking }) {
  const scale = useStore(counterZoom);
  return (
    <EdgeLabelRenderer>
      <div className="over-signs line-signs" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${scale})` }}>
        {marking.signs.map((sign) => (
          <OverlaySign key={sign.overlay} sign={sign} />
        ))}
      </div>
    </EdgeLabelRenderer>
  );
}

/** Thousands of dashes of one long line would be worked out anew for every piece of the canvas that it touches. */
const DASHES_UP_TO = 1600;

const DASHED = new Set(["error", "hangup"]);
const DOTTED = new Set(["noinput", "nomatch"]);

export const FlowLine = memo(function FlowLine(props: EdgeProps<LineEdge>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, selected, id, target } = props;
  const marking = useEdgeMarking(data?.key ?? id, target);
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, curvature: 0.3 });
  const kind = data?.port?.kind ?? "other";
  const marks = data?.marks;
  const counted = marks?.count !== null && marks?.count !== undefined;
  const long = Math.abs(targetX - sourceX) + Math.abs(targetY - sourceY) > DASHES_UP_TO;
  const classes = [
    "line",
    long ? "long" : "",
    selected ? "selected" : "",
    marks?.caller ? "caller" : "",
    DASHED.has(kind) ? "dashed" : DOTTED.has(kind) ? "dotted" : "",
    counted && marks.count === 0 ? "unused" : "",
    marking ? `over-line over-${marking.tone}` : "",
  ];
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        className={classes.filter(Boolean).join(" ")}
        style={{ "--port": portColour(kind), ...(counted ? { strokeWidth: marks.width } : {}) } as object}
      />
      {counted && marks.count !== null && marks.count > 0 && (
        <Count x={labelX} y={labelY} count={marks.count} percent={marks.percent} />
      )}
      {/* That a caller passed is said by the line itself; words are shown where there are any. */}
      {marking?.signs.some((sign) => sign.text || sign.tone !== "passed") && <Signs x={labelX} y={labelY} marking={marking} />}
    </>
  );
});
