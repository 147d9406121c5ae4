import { Mic, Play, Timer, Zap } from "lucide-react";
import type { Pace } from "../../../core/debugging";
import { useTexts } from "../../texts";
import { BreakpointList } from "./BreakpointList";
import { FaultList } from "./FaultList";
import { useDebugging, useDebuggingState } from "./debugging";

const PACES: readonly [Pace, typeof Zap][] = [
  ["virtual", Zap],
  ["real", Timer],
  ["voice", Mic],
];

/** Who calls whom, when, and how. */
export function CallSetupForm() {
  const { t } = useTexts();
  const debugging = useDebugging();
  const setup = useDebuggingState((state) => state.setup);
  const fresh = useDebuggingState((state) => state.simulation.state === "idle");
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        debugging.start();
      }}
    >
      <fieldset className="paces">
        <legend className="label">{t("simulator.pace")}</legend>
        <div className="segments">
          {PACES.map(([pace, Icon]) => (
            <label key={pace} title={t(`simulator.pace.${pace}.help`)} className={setup.pace === pace ? "chosen" : ""}>
              <input type="radio" className="sr-only" name="pace" checked={setup.pace === pace} onChange={() => debugging.setSetup({ pace })} />
              <Icon size={14} aria-hidden /> {t(`simulator.pace.${pace}`)}
            </label>
          ))}
        </div>
        <p className="small muted">{t(`simulator.pace.${setup.pace}.help`)}</p>
      </fieldset>
      <div className="form-two">
        <label className="field">
          <span className="label">{t("simulator.ani")}</span>
          <input className="input mono" value={setup.ani} maxLength={64} onChange={(event) => debugging.setSetup({ ani: event.target.value })} />
        </label>
        <label className="field">
          <span className="label">{t("simulator.dnis")}</span>
          <input className="input mono" value={setup.dnis} maxLength={64} onChange={(event) => debugging.setSetup({ dnis: event.target.value })} />
        </label>
      </div>
      <label className="field">
        <span className="label">{t("simulator.now")}</span>
        <input className="input" type="datetime-local" value={setup.now} onChange={(event) => debugging.setSetup({ now: event.target.value })} />
      </label>
      <FaultList />
      <BreakpointList />
      <label className="switch small">
        <input type="checkbox" role="switch" checked={setup.pause} onChange={(event) => debugging.setSetup({ pause: event.target.checked })} />
        {t("simulator.pauseFirst")}
      </label>
      {fresh && (
        <button type="submit" className="button primary">
          <Play size={14} aria-hidden /> {t("simulator.start")}
        </button>
      )}
    </form>
  );
}
