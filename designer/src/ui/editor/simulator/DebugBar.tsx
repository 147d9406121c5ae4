import { ArrowRightToLine, Pause, Play, Redo, RotateCcw, Square, StepForward, Undo } from "lucide-react";
import { actionById, isEnabled } from "../../../core/actions";
import { nodeById } from "../../../core/flow";
import { showBinding } from "../../../core/keys";
import { nodeTitle } from "../../../core/nodeTypes";
import { placeOf } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { isMac } from "../shortcuts";
import { useDebugging, useDebuggingState } from "./debugging";

/** Where the call is and why it stands still, with the debugger's buttons. */
export function DebugBar() {
  const { t } = useTexts();
  const debugging = useDebugging();
  const simulation = useDebuggingState((state) => state.simulation);
  const pace = useDebuggingState((state) => state.pace);
  const running = simulation.state === "running";
  const paused = running && simulation.paused !== null;
  return (
    <div className="debug">
      <div className="row tight" role="toolbar" aria-label={t("simulator.debug")}>
        <DebugButton action="debug.pause" label={t(paused ? "simulator.continue" : "simulator.pause")} icon={paused ? Play : Pause} />
        <DebugButton action="debug.step" label={t("simulator.step")} icon={StepForward} />
        <DebugButton action="debug.runTo" label={t("action.debug.runTo")} icon={ArrowRightToLine} />
        {pace !== "voice" && <DebugButton action="debug.back" label={t("simulator.back")} icon={Undo} />}
        <span className="grow" />
        {running && (
          <button type="button" className="icon-button" aria-label={t("simulator.stop")} title={t("simulator.stop")} onClick={() => debugging.hangUp()}>
            <Square size={14} aria-hidden />
          </button>
        )}
        <button type="button" className={running ? "icon-button" : "button primary"} aria-label={t("simulator.restart")} title={t("simulator.restart")} onClick={() => debugging.start()}>
          <RotateCcw size={running ? 15 : 13} aria-hidden /> {!running && t("simulator.restart")}
        </button>
      </div>
      <p className={paused ? "small debug-state paused" : "small debug-state"} role="status">
        <State />
      </p>
      {paused && simulation.ahead > 0 && (
        <p className="small row tight">
          <Redo size={12} aria-hidden />
          {simulation.ahead === 1 ? t("simulator.ahead.one") : t("simulator.ahead", { count: simulation.ahead })}
          <button type="button" className="link small" onClick={() => debugging.forget()}>
            {t("simulator.forget")}
          </button>
        </p>
      )}
    </div>
  );
}

function State() {
  const { t, language } = useTexts();
  const simulation = useDebuggingState((state) => state.simulation);
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  if (simulation.state !== "running") return t(simulation.state === "lost" ? "simulator.state.lost" : "simulator.state.ended");
  if (simulation.paused) {
    const place = placeOf(simulation);
    const node = place?.flow === flow.id ? nodeById(flow, place.node) : undefined;
    const title = node ? nodeTitle(node, types.get(node.type), language) : (place?.node ?? "");
    return t("simulator.pausedAt", { node: title, reason: t(`simulator.paused.${simulation.paused}`) });
  }
  return simulation.awaiting ? t(`simulator.awaiting.${simulation.awaiting}`) : t("simulator.state.running");
}

function DebugButton({ action: id, label, icon: Icon }: { action: string; label: string; icon: typeof Play }) {
  const context = useActionContext();
  // What is selected decides whether one can run there.
  useEditorState((state) => state.selection);
  const action = actionById(id);
  const [key] = action.keys ?? [];
  const title = key ? `${label} (${showBinding(key, isMac)})` : label;
  return (
    <button type="button" className="icon-button" aria-label={label} title={title} disabled={!isEnabled(action, context)} onClick={() => void action.run(context)}>
      <Icon size={16} aria-hidden />
    </button>
  );
}
