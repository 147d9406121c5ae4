/** A node on the canvas: what it is, what it says, and the ways out with their meaning. */
import type { NodeProps } from "@xyflow/react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { type MouseEvent, memo, useContext, useRef } from "react";
import { NODE_WIDTH, type PortKind, nodeTitle, portOffset } from "../../core/nodeTypes";
import { hasSummary, nodeSummary } from "../../core/summary";
import { widestText } from "../../core/textWidth";
import { useTexts } from "../texts";
import { CardForm } from "./CardForm";
import { CardPort } from "./CardPort";
import { CardSigns, type PlacedSign } from "./CardSigns";
import type { CardNode } from "./canvasModel";
import { useCardEditing } from "./cardEditing";
import { EditorContext } from "./context";
import { NodeIcon, categoryStyle, iconOf } from "./nodeIcons";
import { OverlaySign, useNodeMarking } from "./overlaySigns";
import { TileContext } from "./tile";
import { portColour, portIcon, portText } from "./portSigns";

/** Stands where a port is, for the canvas to measure; nothing can be drawn from it. */
function PortPlace({ id, side, top }: { id: string; side: "source" | "target"; top: number }) {
  const place = side === "source" ? { top, right: 0 } : { top, left: 0 };
  return <span className={`port-place ${side}`} style={place} data-handleid={id} data-handlepos={side === "source" ? "right" : "left"} />;
}

/** Places on a card, as canvas.css has them. */
const HEAD_SIGN = { x: 23, y: 23.5, size: 15 };
const PORT_SIGN = { x: 21, size: 13 };
const TITLE_ROOM = NODE_WIDTH - 58;
const SUMMARY_ROOM = NODE_WIDTH - 24;
const PORT_ROOM = NODE_WIDTH - 57;

/** Where a click on a way out begins to write. */
const PORT_FIELDS: Partial<Record<PortKind, string>> = { noinput: "timeout", nomatch: "tries", next: "title" };

/** Only what may be too long is cut by the browser: every cut costs time while the canvas moves. */
const cutWhen = (long: boolean, name: string): string => (long ? `${name} cut` : name);

function signsOf({ type, ports }: CardNode["data"]): PlacedSign[] {
  const summary = hasSummary(type);
  const signs: PlacedSign[] = [{ ...HEAD_SIGN, icon: iconOf(type), colour: "var(--tone)" }];
  ports.forEach((port, index) => {
    if (port.kind !== "key") signs.push({ ...PORT_SIGN, y: portOffset(index, summary), icon: portIcon(port.kind), colour: portColour(port.kind) });
  });
  return signs;
}

export const FlowCard = memo(function FlowCard({ data, selected, isConnectable }: NodeProps<CardNode>) {
  const texts = useTexts();
  const tile = useContext(TileContext);
  const { node, type, ports, marks } = data;
  const connected = new Set(data.connected.split("|"));
  const marking = useNodeMarking(node.id);
  const context = useContext(EditorContext);
  const editable = context !== null && isConnectable;
  const editing = useCardEditing((state) => editable && state.node === node.id);
  // The first click selects a card; the next one writes where it hits.
  const chosen = useRef(false);
  const write = ({ target }: MouseEvent): void => {
    const field = target instanceof Element ? target.closest<HTMLElement>("[data-edit]")?.dataset["edit"] : undefined;
    if (field && editable && chosen.current && context.editor.state.selection.nodes.length === 1) context.host.editOnCard(node.id, field);
  };
  const title = nodeTitle(node, type, texts.language);
  const subtitle = node.title ? texts.pick(type?.title) || node.type : node.id;
  const summary = nodeSummary(type, node, texts.language) || texts.pick(type?.summary);
  const crowded = marks.errors + marks.warnings > 0 || marks.entered !== null;
  const classes = [
    "card-node",
    selected ? "selected" : "",
    marks.caller ? `caller-${marks.caller}` : "",
    marks.errors ? "has-errors" : "",
    marking ? `over over-${marking.tone}` : "",
    tile ? "tile" : "",
    editing ? "editing" : "",
  ];
  return (
    // The keys for it are the canvas's: F2, or Enter twice.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
    <div
      className={classes.filter(Boolean).join(" ")}
      style={categoryStyle(type?.category)}
      data-testid={`node-${node.id}`}
      onPointerDownCapture={() => void (chosen.current = selected)}
      onClick={write}
    >
      {node.type !== "start" && !tile && <CardPort type="target" id="in" connectable={isConnectable} />}
      {marking && (
        <span className="over-signs">
          {marking.signs.map((sign) => (
            <OverlaySign key={sign.overlay} sign={sign} size={tile ? 30 : 12} />
          ))}
        </span>
      )}
      {editing && !tile && <CardForm node={node} type={type} ports={ports} />}
      {(!editing || tile) && (<>
      <div className="card-head">
        <span className="card-icon">{tile && <NodeIcon type={type} size={26} />}</span>
        <span className="card-titles" data-edit="title">
          <span className={cutWhen(tile || crowded || widestText(title, 14) > TITLE_ROOM, "card-title")}>{title}</span>
          {!tile && <span className={cutWhen(crowded || widestText(subtitle, 11) > TITLE_ROOM, "card-type")}>{subtitle}</span>}
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
      {!tile && hasSummary(type) && <p className={cutWhen(widestText(summary, 12) > SUMMARY_ROOM * 1.6, "card-summary")} data-edit="prompt">{summary}</p>}
      {!tile && ports.length > 0 && (
        <ul className="card-ports">
          {ports.map((port, index) => {
            const text = portText(port, texts);
            return (
              <li key={port.id} className={connected.has(port.id) ? "" : port.required === false ? "open optional" : "open"}>
                {port.kind === "key" ? <span className="port-key" data-edit={`key.${index}`}>{port.id}</span> : <span className="port-sign" />}
                <span className={cutWhen((port.kind === "key" && port.id.length > 1) || widestText(text, 12) > PORT_ROOM, "port-text")} data-edit={PORT_FIELDS[port.kind] ?? `label.${index}`}>{text}</span>
                <CardPort type="source" id={port.id} connectable={isConnectable} style={{ "--port": portColour(port.kind) } as object} />
              </li>
            );
          })}
        </ul>
      )}
      </>)}
      {!tile && <CardSigns signs={signsOf(data)} />}
      {tile && node.type !== "start" && <PortPlace id="in" side="target" top={23} />}
      {tile && ports.map((port, index) => <PortPlace key={port.id} id={port.id} side="source" top={portOffset(index, hasSummary(type))} />)}
    </div>
  );
});
