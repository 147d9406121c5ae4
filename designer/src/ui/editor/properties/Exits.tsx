/** The ways out of a node as a list: the same connections as on the canvas, by keyboard. */
import { Locate } from "lucide-react";
import { type FlowNode, edgeKey } from "../../../core/flow";
import { drawnPorts, nodeTitle } from "../../../core/nodeTypes";
import type { Problem } from "../../../core/problems";
import { useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { PortSign, portText } from "../portSigns";
import { FieldProblems } from "./FieldProblems";

export function Exits({ node, problems }: { node: FlowNode; problems: readonly Problem[] }) {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const ports = drawnPorts(flow, types, node);
  if (ports.length === 0) return null;
  const targets = flow.nodes.filter((other) => other.type !== "start");
  return (
    <section className="form-section">
      <h3>{t("properties.exits")}</h3>
      <ul className="exits">
        {ports.map((port) => {
          const edge = flow.edges.find((item) => item.from === node.id && item.port === port.id);
          const text = portText(port, texts);
          return (
            <li key={port.id}>
              <PortSign port={port} />
              <span className="ellipsis" title={text}>
                {text}
              </span>
              <select
                className={edge || port.required === false ? "input" : "input open"}
                aria-label={t("properties.leadsTo", { port: text })}
                value={edge?.to ?? ""}
                onChange={(event) => {
                  if (event.target.value) editor.connect(node.id, port.id, event.target.value);
                  else editor.disconnect(edgeKey({ from: node.id, port: port.id }));
                }}
              >
                <option value="">{port.required === false ? t("properties.openOptional") : t("properties.open")}</option>
                {targets.map((other) => (
                  <option key={other.id} value={other.id}>
                    {nodeTitle(other, types.get(other.type), texts.language)}
                  </option>
                ))}
              </select>
              <button
                type="button"
                className="icon-button"
                aria-label={t("properties.goTo", { port: text })}
                title={t("properties.goTo", { port: text })}
                disabled={!edge}
                onClick={() => {
                  if (!edge) return;
                  editor.select({ nodes: [edge.to] });
                  host.fit([edge.to]);
                }}
              >
                <Locate size={14} aria-hidden />
              </button>
              <FieldProblems problems={problems.filter((problem) => problem.port === port.id)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
