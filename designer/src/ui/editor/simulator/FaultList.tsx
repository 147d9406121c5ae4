import { Plus, Unplug, X } from "lucide-react";
import { FAULT_KINDS, type Fault, type FaultKind } from "../../../core/debugging";
import { nodeTitle } from "../../../core/nodeTypes";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";
import { useDebugging, useDebuggingState } from "./debugging";

const NEW_FAULT: Fault = { node: "", kind: "error", status: 500, value: "{}" };

/** Nodes that ask a service: those of this category, and some that do it beside their real work. */
const ASKING = new Set(["business_hours", "caller_list", "callback", "record", "survey", "auto_menu"]);

/** Web services that fail: for the next call, or at once for the one that runs. */
export function FaultList() {
  const { t, language } = useTexts();
  const debugging = useDebugging();
  const faults = useDebuggingState((state) => state.setup.faults);
  const types = useEditorState((state) => state.types);
  const nodes = useEditorState((state) => state.history.flow.nodes).filter((node) => ASKING.has(node.type) || types.get(node.type)?.category === "integration");
  const set = (index: number, change: Partial<Fault>): void => debugging.setSetup({ faults: faults.map((fault, at) => (at === index ? { ...fault, ...change } : fault)) });
  return (
    <details className="fold" open={faults.length > 0 ? true : undefined}>
      <summary>
        <Unplug size={13} aria-hidden /> {faults.length ? t("simulator.faults.count", { count: faults.length }) : t("simulator.faults")}
      </summary>
      {faults.length === 0 && <p className="small muted">{t("simulator.faults.none")}</p>}
      <ul className="stack">
        {faults.map((fault, index) => (
          <li key={index} className="fault">
            <select className="input" aria-label={t("simulator.faults.where")} value={fault.node} onChange={(event) => set(index, { node: event.target.value })}>
              <option value="">{t("simulator.faults.everywhere")}</option>
              {nodes.map((node) => (
                <option key={node.id} value={node.id}>
                  {nodeTitle(node, types.get(node.type), language)}
                </option>
              ))}
            </select>
            <button type="button" className="icon-button" aria-label={t("simulator.faults.remove")} title={t("simulator.faults.remove")} onClick={() => debugging.setSetup({ faults: faults.filter((_, at) => at !== index) })}>
              <X size={14} aria-hidden />
            </button>
            <select className="input" aria-label={t("simulator.faults.how")} value={fault.kind} onChange={(event) => set(index, { kind: event.target.value as FaultKind })}>
              {FAULT_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {t(`simulator.fault.${kind}`)}
                </option>
              ))}
            </select>
            {fault.kind === "status" && (
              <input
                className="input figures"
                type="number"
                min={100}
                max={599}
                aria-label={t("simulator.fault.statusCode")}
                value={fault.status}
                onChange={(event) => set(index, { status: Math.min(599, Math.max(100, Math.round(event.target.valueAsNumber) || 500)) })}
              />
            )}
            {fault.kind === "answer" && (
              <textarea className="input mono small" rows={2} spellCheck={false} aria-label={t("simulator.fault.value")} value={fault.value} onChange={(event) => set(index, { value: event.target.value })} />
            )}
          </li>
        ))}
      </ul>
      <button type="button" className="link small" onClick={() => debugging.setSetup({ faults: [...faults, NEW_FAULT] })}>
        <Plus size={12} aria-hidden /> {t("simulator.faults.add")}
      </button>
    </details>
  );
}
