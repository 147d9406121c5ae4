import { Check, CircleDashed, CircleEllipsis, Copy, History, LoaderCircle, MoreHorizontal, Pencil, Play, TextCursorInput, Trash2, X } from "lucide-react";
import { type ComponentType, useState } from "react";
import type { StoredTest } from "../../../core/conversationTests";
import { type TestState, freeName, stateOf } from "../../../core/testing";
import { Dialog } from "../../parts/Dialog";
import { Menu } from "../../parts/Menu";
import { Empty } from "../../parts/States";
import { reasonOf } from "../../refusals";
import { useTexts } from "../../texts";
import { tell } from "../../toasts";
import { useEditorState } from "../context";
import { FailureView } from "./FailureView";
import { NameDialog } from "./NameDialog";
import { useTesting, useTestingState } from "./use";

const SIGNS: Record<TestState, [ComponentType<{ size?: number; className?: string; "aria-hidden"?: boolean }>, string]> = {
  passed: [Check, "good-text"],
  failed: [X, "bad-text"],
  stale: [History, "muted"],
  never: [CircleDashed, "muted"],
  waiting: [CircleEllipsis, "muted"],
  running: [LoaderCircle, "accent-text spin"],
};

/** Failed ones first: they are what the author looks for. */
export function TestList() {
  const { t } = useTexts();
  const testing = useTesting();
  const state = useTestingState((all) => all);
  const flow = useEditorState((all) => all.history.flow);
  const tests = state.tests ?? [];
  if (tests.length === 0) {
    return (
      <Empty>
        <p>{t("tests.none")}</p>
        <p className="muted small">{t("tests.noneHelp")}</p>
      </Empty>
    );
  }
  const states = new Map(tests.map((test) => [test.name, stateOf(test, state, flow)]));
  const counts = new Map<TestState, number>();
  for (const one of states.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
  const failed = (test: StoredTest): number => (states.get(test.name) === "failed" ? 1 : 0);
  // While tests run nothing moves under the pointer.
  const ordered = state.run ? tests : tests.toSorted((a, b) => failed(b) - failed(a));
  const said = (["failed", "passed", "stale", "never"] as const).filter((one) => counts.get(one));
  return (
    <>
      <p className="tests-summary small" role="status">
        {said.map((one) => (
          <span key={one} className={one === "failed" ? "bad-text" : one === "passed" ? "good-text" : "muted"}>
            {t(`tests.count.${one}`, { count: counts.get(one) ?? 0 })}
          </span>
        ))}
        {counts.get("failed") && !state.run ? (
          <button type="button" className="link" onClick={() => void testing.runFailed()}>
            {t("tests.runFailedAgain")}
          </button>
        ) : null}
      </p>
      <ul className="test-list" aria-label={t("panel.tests")}>
        {ordered.map((test) => (
          <TestRow key={test.name} test={test} state={states.get(test.name) ?? "never"} chosen={state.chosen === test.name} busy={state.run !== null || state.proposing} />
        ))}
      </ul>
    </>
  );
}

type Asking = "rename" | "duplicate" | "delete" | null;

function TestRow({ test, state, chosen, busy }: { test: StoredTest; state: TestState; chosen: boolean; busy: boolean }) {
  const texts = useTexts();
  const { t } = texts;
  const testing = useTesting();
  const result = useTestingState((all) => all.ran.get(test.name)?.result);
  const taken = useTestingState((all) => all.tests);
  const [asking, setAsking] = useState<Asking>(null);
  const [Sign, tone] = SIGNS[state];
  const edit = (): void => testing.edit({ test, stored: test.name });
  const remove = async (): Promise<void> => {
    setAsking(null);
    try {
      await testing.remove(test.name);
      tell("info", t("tests.deleted", { name: test.name }), { label: t("action.edit.undo"), run: () => void testing.duplicate(test, test.name).catch((error: unknown) => tell("bad", reasonOf(error))) });
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  return (
    <li className={chosen ? "test chosen" : "test"} data-state={state}>
      <div className="row">
        <button type="button" className="test-name" aria-expanded={chosen} onClick={() => testing.choose(chosen ? null : test.name)}>
          <Sign size={15} className={tone} aria-hidden />
          <span className="sr-only">{t(`tests.state.${state}`)}</span>
          <span className="ellipsis" title={test.name}>
            {test.name}
          </span>
        </button>
        <button type="button" className="icon-button" disabled={busy} aria-label={t("tests.runOne", { name: test.name })} title={t("tests.run")} onClick={() => void testing.run([test.name])}>
          <Play size={14} aria-hidden />
        </button>
        <Menu label={t("tests.more", { name: test.name })} button={<MoreHorizontal size={15} aria-hidden />}>
          <button type="button" onClick={edit}>
            <Pencil size={14} aria-hidden /> {t("tests.edit")}
          </button>
          <button type="button" onClick={() => setAsking("rename")}>
            <TextCursorInput size={14} aria-hidden /> {t("tests.rename")}
          </button>
          <button type="button" onClick={() => setAsking("duplicate")}>
            <Copy size={14} aria-hidden /> {t("tests.duplicate")}
          </button>
          <hr />
          <button type="button" onClick={() => setAsking("delete")}>
            <Trash2 size={14} aria-hidden /> {t("tests.delete")}
          </button>
        </Menu>
      </div>
      {state === "failed" && result?.failure && <FailureView result={result} onEdit={edit} />}
      {chosen && (
        <div className="test-more small">
          <p className="muted">
            {t(`tests.state.${state}`)}
            {result && state !== "never" && ` · ${t("tests.took", { ms: texts.number(Math.round(result.seconds * 1000)), steps: result.steps.length })}`}
          </p>
          {state === "stale" && result?.failure && <FailureView result={result} onEdit={edit} />}
          <p className="muted">{t("tests.changed", { time: texts.time(test.changed), user: test.changed_by })}</p>
          <button type="button" className="link" onClick={edit}>
            {t("tests.edit")}
          </button>
        </div>
      )}
      {asking === "rename" && (
        <NameDialog title={t("tests.renameTitle", { name: test.name })} name={test.name} submit={t("tests.rename")} onClose={() => setAsking(null)} onName={(name) => testing.rename(test, name)} />
      )}
      {asking === "duplicate" && (
        <NameDialog title={t("tests.duplicateTitle", { name: test.name })} name={freeName(test.name, new Set(taken?.map((one) => one.name)))} submit={t("tests.duplicate")} onClose={() => setAsking(null)} onName={(name) => testing.duplicate(test, name)} />
      )}
      {asking === "delete" && (
        <Dialog
          title={t("tests.deleteTitle", { name: test.name })}
          onClose={() => setAsking(null)}
          foot={
            <>
              <button type="button" className="button" onClick={() => setAsking(null)}>
                {t("common.cancel")}
              </button>
              <button type="button" className="button danger" onClick={() => void remove()}>
                {t("tests.delete")}
              </button>
            </>
          }
        >
          <p>{t("tests.deleteLead")}</p>
        </Dialog>
      )}
    </li>
  );
}
