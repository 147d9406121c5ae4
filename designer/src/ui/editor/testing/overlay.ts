/** Keeps what the tests lay over the canvas up to date, whichever panel is open. */
import { useEffect } from "react";
import { useStore } from "zustand";
import { coverageOverlay, failuresOverlay, missedOverlay, proposalOverlay, wayOverlay, type MarkWords } from "../../../core/testMarks";
import { clearOverlay, setOverlay, type Overlay } from "../../../core/overlay";
import type { Flow } from "../../../core/flow";
import { type TestingState, storedResults, testCoverage } from "../../../core/testing";
import type { Translate } from "../../../i18n";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";
import { useTesting } from "./use";

const LAYERS = { tests: "tests", pointed: "tests.pointed" } as const;
/** More names than these are only counted. */
const NAMED = 5;

const wordsIn = (t: Translate): MarkWords => {
  const list = (names: readonly string[]): string =>
    names.length > NAMED ? t("tests.andMore", { names: names.slice(0, NAMED).join(t("tests.comma")), count: names.length - NAMED }) : names.join(t("tests.comma"));
  return {
    passedBy: (tests) => t("tests.passedBy", { tests: list(tests) }),
    missed: t("tests.missed"),
    onTheWay: t("tests.onTheWay"),
    failed: (names) => t("tests.failedHere", { tests: list(names) }),
    wouldPass: t("tests.wouldPass"),
  };
};

function drawn(state: TestingState, flow: Flow, words: MarkWords): Overlay {
  if (state.view === "coverage") return coverageOverlay(testCoverage(state, flow), words);
  if (state.view === "proposals") return missedOverlay(testCoverage(state, flow), words);
  const chosen = state.chosen === null ? undefined : state.ran.get(state.chosen)?.result;
  return chosen ? wayOverlay(chosen, flow, words) : failuresOverlay(storedResults(state), words);
}

export function useTestOverlay(): void {
  const { t } = useTexts();
  const testing = useTesting();
  const flow = useEditorState((state) => state.history.flow);
  const state = useStore(testing.store);
  const { drawn: shown, view, chosen, tests, ran, proposals, pointed } = state;
  useEffect(() => {
    if (shown) setOverlay(LAYERS.tests, drawn(testing.state, flow, wordsIn(t)));
    else clearOverlay(LAYERS.tests);
    // What is drawn follows from these members of the state.
  }, [testing, t, flow, shown, view, chosen, tests, ran]);
  useEffect(() => {
    const proposal = pointed === null ? undefined : proposals?.find((one) => one.name === pointed);
    if (proposal) setOverlay(LAYERS.pointed, proposalOverlay(proposal, wordsIn(t)));
    else clearOverlay(LAYERS.pointed);
  }, [t, proposals, pointed]);
  useEffect(() => () => Object.values(LAYERS).forEach(clearOverlay), []);
}
