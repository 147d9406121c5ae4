/** A node on the canvas: what it is, what it says, and the ways out with their meaning. */
import { Handle, type NodeProps, Position, useStore } from "@xyflow/react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { nodeTitle } from "../../core/nodeTypes";
import { hasSummary, nodeSummary } from "../../core/summary";
import { useTexts } from "../texts";
import type { CardNode } from "./canvasModel";
import { NodeIcon, categoryStyle } from "./nodeIcons";
import { PortSign, portColour, portText } from "./portSigns";

/** Below this the words cannot be read: the card becomes a coloured tile, which is drawn quickly. */
const TILE_ZOOM = 0.38;

export const FlowCard = memo(function FlowCard({ data, selected }: NodeProps<CardNode>) {
  const texts = useTexts();
  const tile = useStore((state) => state.transform[2] < TILE_ZOOM);
  const { node, type, ports, marks } = data;
  const connected = new Set(data.connected.split("|"));
  const title = nodeTitle(node, type, texts.language);
  const classes = [
    "card-node",
    selected ? "selected" : "",
    marks.caller ? `caller-${marks.caller}` : "",
    marks.errors ? "has-errors" : "",
    marks.difference ? `diff-${marks.difference}` : "",
    tile ? "tile" : "",
  ];
  return (
    <div className={classes.join(" ")} style={categoryStyle(type?.category)} data-testid={`node-${node.id}`}>
      {node.type !== "start" && <Handle type="target" id="in" position={Position.Left} style={{ top: 23 }} className="port-in" />}
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
      {tile && ports.map((port) => <Handle key={port.id} type="source" id={port.id} position={Position.Right} className="port-out" />)}
    </div>
  );
});
