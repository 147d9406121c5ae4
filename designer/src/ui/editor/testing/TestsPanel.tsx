import { Eye, EyeOff, ListChecks, Plus, Square, Wand2 } from "lucide-react";
import { useEffect, useState } from "react";
import { actionById } from "../../../core/actions";
import { storedResults, testCoverage, type TestView } from "../../../core/testing";
import { shareOf } from "../../../core/coverage";
import { Failed, Loading } from "../../parts/States";
import { reasonOf } from "../../refusals";
import { asApiError } from "../../resource";
import { useTexts } from "../../texts";
import { tell } from "../../toasts";
import type { ApiError } from "../../../api/client";
import { useActionContext, useEditorState } from "../context";
import { CoverageView } from "./CoverageView";
import { ProposalList } from "./ProposalList";
import { TestDialog } from "./TestDialog";
import { TestList } from "./TestList";
import { useTesting, useTestingState } from "./use";
import "./testing.css";

const VIEWS: readonly TestView[] = ["tests", "coverage", "proposals"];

/** An address may name the test that it is about; it is opened once. */
function useNamedTest(): void {
  const testing = useTesting();
  const tests = useTestingState((state) => state.tests);
  useEffect(() => {
    const named = new URLSearchParams(location.search).get("test");
    const test = named === null ? undefined : tests?.find((one) => one.name === named);
    if (!test) return;
    const address = new URL(location.href);
    address.searchParams.delete("test");
    history.replaceState(null, "", address);
    testing.edit({ test, stored: test.name });
  }, [testing, tests]);
}

export function TestsPanel() {
  const { t } = useTexts();
  const testing = useTesting();
  const loaded = useTestingState((state) => state.tests !== null);
  const view = useTestingState((state) => state.view);
  const editing = useTestingState((state) => state.editing);
  const [error, setError] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    testing.load().then(
      () => setError(null),
      (reason: unknown) => setError(asApiError(reason)),
    );
  }, [testing, turn]);
  useNamedTest();
  return (
    <div className="tests">
      <TestTools />
      <div className="views" role="group" aria-label={t("tests.views")}>
        {VIEWS.map((id) => (
          <button key={id} type="button" aria-pressed={view === id} onClick={() => testing.show(id)}>
            {t(`tests.view.${id}`)}
            <ViewFigure view={id} />
          </button>
        ))}
      </div>
      {!loaded && error && <Failed error={error} retry={() => setTurn(turn + 1)} />}
      {!loaded && !error && <Loading />}
      {loaded && view === "tests" && <TestList />}
      {loaded && view === "coverage" && <CoverageView />}
      {loaded && view === "proposals" && <ProposalList />}
      {editing && <TestDialog key={editing.stored ?? ""} test={editing.test} stored={editing.stored} onClose={() => testing.edit(null)} />}
    </div>
  );
}

function ViewFigure({ view }: { view: TestView }) {
  const { number, percent } = useTexts();
  const flow = useEditorState((state) => state.history.flow);
  const state = useTestingState((all) => all);
  if (view === "tests") return state.tests ? <span className="muted figures">{number(state.tests.length)}</span> : null;
  if (view === "proposals") return state.proposals ? <span className="muted figures">{number(state.proposals.length)}</span> : null;
  return storedResults(state).length > 0 ? <span className="muted figures">{percent(shareOf(testCoverage(state, flow).edges).percent)}</span> : null;
}

function TestTools() {
  const { t } = useTexts();
  const context = useActionContext();
  const testing = useTesting();
  const run = useTestingState((state) => state.run);
  const proposing = useTestingState((state) => state.proposing);
  const drawn = useTestingState((state) => state.drawn);
  const beforePublish = useTestingState((state) => state.beforePublish);
  const busy = run !== null || proposing;
  const act = (id: string) => () => void actionById(id).run(context);
  const setBeforePublish = async (wanted: boolean): Promise<void> => {
    try {
      await testing.setBeforePublish(wanted);
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  return (
    <div className="tests-tools">
      <div className="row">
        {busy ? (
          <button type="button" className="button" onClick={act("tests.cancel")}>
            <Square size={13} aria-hidden /> {t("common.cancel")}
          </button>
        ) : (
          <button type="button" className="button primary" onClick={act("tests.runAll")}>
            <ListChecks size={15} aria-hidden /> {t("action.tests.runAll")}
          </button>
        )}
        <span className="grow" />
        <button type="button" className="icon-button" aria-label={t("action.tests.new")} title={t("action.tests.new")} onClick={act("tests.new")}>
          <Plus size={16} aria-hidden />
        </button>
        <button type="button" className="icon-button" disabled={busy} aria-label={t("action.tests.propose")} title={t("action.tests.propose")} onClick={act("tests.propose")}>
          <Wand2 size={15} aria-hidden />
        </button>
        <button type="button" className="icon-button" aria-pressed={drawn} aria-label={t("tests.draw")} title={t("tests.draw")} onClick={act("tests.draw")}>
          {drawn ? <Eye size={16} aria-hidden /> : <EyeOff size={16} aria-hidden />}
        </button>
      </div>
      {run && (
        <div className="stack tight">
          <progress max={run.names.length} value={run.done} aria-label={t("tests.progress")} />
          <p className="small muted" role="status">
            {t("tests.running", { done: run.done, all: run.names.length })}
          </p>
        </div>
      )}
      {proposing && (
        <div className="stack tight">
          <progress aria-label={t("tests.progress")} />
          <p className="small muted" role="status">
            {t("tests.proposing")}
          </p>
        </div>
      )}
      <label className="switch small">
        <input type="checkbox" role="switch" checked={beforePublish} onChange={(event) => void setBeforePublish(event.target.checked)} />
        {t("tests.beforePublish")}
      </label>
    </div>
  );
}
