/** A node on the canvas: what it is, what it says, and the ways out with their meaning. */
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { memo, useContext } from "react";
import { nodeTitle, portOffset } from "../../core/nodeTypes";
import { hasSummary, nodeSummary } from "../../core/summary";
import { useTexts } from "../texts";
import type { CardNode } from "./canvasModel";
import { NodeIcon, categoryStyle } from "./nodeIcons";
import { OverlaySign, useNodeMarking } from "./overlaySigns";
import { TileContext } from "./tile";
import { PortSign, portColour, portText } from "./portSigns";

/** Stands where a port is, for the canvas to measure; nothing can be drawn from it. */
function PortPlace({ id, side, top }: { id: string; side: "source" | "target"; top: number }) {
  const place = side === "source" ? { top, right: 0 } : { top, left: 0 };
  return <span className={`port-place ${side}`} style={place} data-handleid={id} data-handlepos={side === "source" ? "right" : "left"} />;
}

export const FlowCard = memo(function FlowCard({ data, selected }: NodeProps<CardNode>) {
  const texts = useTexts();
  const tile = useContext(TileContext);
  const { node, type, ports, marks } = data;
  const connected = new Set(data.connected.split("|"));
  const marking = useNodeMarking(node.id);
  const title = nodeTitle(node, type, texts.language);
  const classes = [
    "card-node",
    selected ? "selected" : "",
    marks.caller ? `caller-${marks.caller}` : "",
    marks.errors ? "has-errors" : "",
    marking ? `over over-${marking.tone}` : "",
    tile ? "tile" : "",
  ];
  return (
    <div className={classes.filter(Boolean).join(" ")} style={categoryStyle(type?.category)} data-testid={`node-${node.id}`}>
      {node.type !== "start" && !tile && <Handle type="target" id="in" position={Position.Left} style={{ top: 23 }} className="port-in" />}
      {marking && (
        <span className="over-signs">
          {marking.signs.map((sign) => (
            <OverlaySign key={sign.overlay} sign={sign} size={tile ? 30 : 12} />
          ))}
        </span>
      )}
      <div className="card-head">
        <span className="card-icon">
          <NodeIcon type={type} size={tile ? 26 : 15} />
        </span>
        <span className="card-titles">
          <span className="card-title">{title}</span>
          {!tile && <span className="card-type">{node.title ? texts.pick(type?.title) || node.type : node.id}</span>}
        </span>
        {marks.errors > 0 && (
          <span className="card-problem bad-text" title={texts.t("problems.errors", { count: marks.errors })}>
            <CircleAlert size={16} aria-label={texts.t("problems.errors", { count: marks.errors })} />
          </span>
        )}
        {marks.errors === 0 && marks.warnings > 0 && (
          <span className="card-problem warn-text" title={texts.t("problems.warnings", { count: marks.warnings })}>
            <TriangleAlert size={15} aria-label={texts.t("problems.warnings", { count: marks.warnings })} />
          </span>
        )}
        {marks.entered !== null && (
          <span className="card-count figures" title={texts.t("analytics.entered")}>
            {texts.number(marks.entered)}
          </span>
        )}
      </div>
      {marks.entered !== null && (
        <span className="card-share" aria-hidden>
          <span style={{ width: `${marks.share}%` }} />
        </span>
      )}
      {!tile && hasSummary(type) && <p className="card-summary">{nodeSummary(type, node, texts.language) || texts.pick(type?.summary)}</p>}
      {!tile && ports.length > 0 && (
        <ul className="card-ports">
          {ports.map((port) => (
            <li key={port.id} className={connected.has(port.id) ? "" : port.required === false ? "open optional" : "open"}>
              <PortSign port={port} />
              <span className="ellipsis">{portText(port, texts)}</span>
              <Handle type="source" id={port.id} position={Position.Right} className="port-out" style={{ "--port": portColour(port.kind) } as object} />
            </li>
          ))}
        </ul>
      )}
      {tile && node.type !== "start" && <PortPlace id="in" side="target" top={23} />}
      {tile && ports.map((port, index) => <PortPlace key={port.id} id={port.id} side="source" top={portOffset(index, hasSummary(type))} />)}
    </div>
  );
});
