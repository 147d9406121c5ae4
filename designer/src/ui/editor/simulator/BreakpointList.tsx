import { CircleDot, X } from "lucide-react";
import { useStore } from "zustand";
import { nodeById } from "../../../core/flow";
import { nodeTitle } from "../../../core/nodeTypes";
import { useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { ExpressionField } from "./ExpressionField";
import { useDebugging, useDebuggingState } from "./debugging";

/** The flow's breakpoints with their conditions. */
export function BreakpointList() {
  const { t, language } = useTexts();
  const debugging = useDebugging();
  const { breakpoints } = debugging;
  const all = useStore(breakpoints.store);
  const faults = useDebuggingState((state) => state.simulation.faults);
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const { editor, host } = useActionContext();
  return (
    <details className="fold">
      <summary>
        <CircleDot size={13} aria-hidden /> {all.length ? t("simulator.breakpoints.count", { count: all.length }) : t("simulator.breakpoints")}
      </summary>
      {all.length === 0 && <p className="small muted">{t("simulator.breakpoints.none")}</p>}
      <ul className="stack">
        {all.map((one) => {
          const node = nodeById(flow, one.node);
          const title = node ? nodeTitle(node, types.get(node.type), language) : one.node;
          const fault = faults[`${flow.id}|${one.node}`];
          return (
            <li key={one.node} className="breakpoint">
              <input type="checkbox" aria-label={t("simulator.breakpoint.enabled", { node: title })} checked={one.enabled} onChange={(event) => breakpoints.put({ ...one, enabled: event.target.checked })} />
              <button
                type="button"
                className="link ellipsis grow"
                disabled={!node}
                onClick={() => {
                  editor.select({ nodes: [one.node] });
                  host.fit([one.node]);
                }}
              >
                {title}
              </button>
              <button type="button" className="icon-button" aria-label={t("simulator.breakpoint.remove", { node: title })} title={t("simulator.breakpoint.remove", { node: title })} onClick={() => breakpoints.remove(one.node)}>
                <X size={14} aria-hidden />
              </button>
              <div className="breakpoint-condition">
                <span className="small muted">{t("simulator.breakpoint.condition")}</span>
                <ExpressionField
                  label={t("simulator.breakpoint.conditionOf", { node: title })}
                  placeholder={t("simulator.breakpoint.placeholder")}
                  value={one.condition}
                  invalid={Boolean(fault)}
                  onChange={(condition) => breakpoints.put({ ...one, condition })}
                />
              </div>
              {fault && <p className="small bad-text breakpoint-fault">{fault}</p>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
