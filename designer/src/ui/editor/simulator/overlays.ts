/** What the simulator lays over the canvas: the caller's path and the breakpoints. */
import { useEffect } from "react";
import { useStore } from "zustand";
import type { ActionContext } from "../../../core/actions";
import { type PathWords, breakpointOverlay, pathOverlay } from "../../../core/debugging";
import { clearOverlay, setOverlay } from "../../../core/overlay";
import { currentNode } from "../../../core/simulation";
import type { Translate } from "../../../i18n";
import { useTexts } from "../../texts";

const wordsIn = (t: Translate): PathWords => ({
  here: t("simulator.here"),
  paused: t("simulator.pausedHere"),
  been: (times) => (times === 1 ? t("simulator.been") : t("simulator.beenTimes", { count: times })),
  breakpoint: (condition, fault) => {
    if (fault) return t("simulator.breakpoint.fault", { fault });
    return condition ? t("simulator.breakpoint.when", { condition }) : t("simulator.breakpoint");
  },
});

/** `shown`: the simulator's panel is open; the path stays lit beside other panels while the call goes on. */
export function useDebuggingOverlays({ editor, host }: ActionContext, shown: boolean): void {
  const { t } = useTexts();
  const { debugging } = host;
  const flow = useStore(editor.store, (state) => state.history.flow.id);
  const { simulation } = useStore(debugging.store);
  const breakpoints = useStore(debugging.breakpoints.store);
  const lit = simulation.state === "running" || (shown && simulation.state !== "idle");

  useEffect(() => {
    if (lit) setOverlay("simulator", pathOverlay(simulation, flow, wordsIn(t)));
    else clearOverlay("simulator");
  }, [lit, simulation, flow, t]);
  const { faults } = simulation;
  useEffect(() => {
    setOverlay("breakpoints", breakpointOverlay(debugging.breakpoints, debugging.state.simulation, flow, wordsIn(t)));
  }, [debugging, breakpoints, faults, flow, t]);
  useEffect(
    () => () => {
      debugging.clear();
      clearOverlay("simulator");
      clearOverlay("breakpoints");
    },
    [debugging],
  );

  // The canvas follows the caller.
  const current = lit ? currentNode(simulation, flow) : null;
  const steps = simulation.steps.length;
  useEffect(() => {
    if (shown && current) host.fit([current]);
  }, [shown, current, steps, host]);
}
