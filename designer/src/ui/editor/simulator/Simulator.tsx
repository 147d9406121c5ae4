/** A call to the draft: set up, followed step by step, stopped where the author wants, with the caller at the author's hand. */
import { SlidersHorizontal } from "lucide-react";
import { recordedRun } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { SaveRunAsTest } from "../testing/SaveRunAsTest";
import { BreakpointList } from "./BreakpointList";
import { CallSetupForm } from "./CallSetupForm";
import { CallerDesk } from "./CallerDesk";
import { DebugBar } from "./DebugBar";
import { FaultList } from "./FaultList";
import { Transcript } from "./Transcript";
import { VoiceBar } from "./VoiceBar";
import { useDebuggingState } from "./debugging";
import "./simulator.css";

export function Simulator() {
  const { t } = useTexts();
  const { state } = useDebuggingState(({ simulation }) => simulation);
  const pace = useDebuggingState((all) => all.pace);
  const running = state === "running";
  return (
    <div className="simulator">
      {state === "idle" && <CallSetupForm />}
      {state !== "idle" && <DebugBar />}
      {!running && state !== "idle" && (
        <details className="fold setup">
          <summary>
            <SlidersHorizontal size={13} aria-hidden /> {t("simulator.setup")}
          </summary>
          <CallSetupForm />
        </details>
      )}
      {running && (
        <div className="simulator-folds">
          <FaultList />
          <BreakpointList />
        </div>
      )}
      {running && pace === "voice" && <VoiceBar />}
      {state === "idle" ? <p className="muted pad">{t("simulator.lead")}</p> : <Transcript />}
      {running && <CallerDesk />}
      {state === "ended" && <SaveBar />}
    </div>
  );
}

function SaveBar() {
  const all = useDebuggingState((state) => state);
  const run = recordedRun(all.simulation, { ani: all.setup.ani, dnis: all.setup.dnis, now: all.began });
  return (
    <div className="caller">
      <div className="row">
        <SaveRunAsTest run={run} />
      </div>
    </div>
  );
}
