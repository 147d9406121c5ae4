import { useEffect, useState } from "react";
import { flowNumbers, publishFlow } from "../../api/flows";
import type { Result } from "../../core/conversationTests";
import { type Problem, countProblems, sortProblems } from "../../core/problems";
import { Dialog } from "../parts/Dialog";
import { reasonOf } from "../refusals";
import { asApiError, useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { useActionContext, useEditorState } from "./context";
import { ProblemItem } from "./ProblemList";
import type { Saving } from "./saving";

/** Saves, then publishes with a note. What cannot run is not published, and the reasons are shown. */
export function PublishDialog({ saving, onClose }: { saving: Saving; onClose(): void }) {
  const { t } = useTexts();
  const { editor, host } = useActionContext();
  const problems = useEditorState((state) => state.problems);
  const flow = useEditorState((state) => state.history.flow);
  const published = useEditorState((state) => state.published);
  const testing = useEditorState((state) => state.testing);
  const numbers = useResource(`numbers of ${flow.id}`, () => flowNumbers(flow.id));
  const tested = (numbers.data ?? []).filter((number) => number.test).map((number) => number.number);
  const [audience, setAudience] = useState<"all" | "test">("all");
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const [failed, setFailed] = useState(0);
  const { errors, warnings } = countProblems(problems);
  const conflict = saving.conflict !== null;
  useEffect(() => {
    if (conflict) onClose();
  }, [conflict, onClose]);

  const publish = async (): Promise<void> => {
    setBusy(true);
    setFailure("");
    setFailed(0);
    try {
      if (!(await saving.save())) {
        setFailure(t("publish.notSaved"));
        return;
      }
      const { version } = await publishFlow(editor.flow.id, editor.state.revision, { name: name.trim(), note, audience });
      if (audience === "test") editor.markPublished(editor.state.published, version);
      else editor.markPublished(version);
      tell("good", audience === "test" ? t("versions.onTestNow", { version }) : t("publish.done", { version }));
      onClose();
    } catch (error) {
      const problem = asApiError(error);
      const failed = problem.code === "flow.tests_failed" ? (problem.detail["failures"] as readonly Result[]) : [];
      if (failed.length > 0) {
        // A failed test is no problem of the flow: it may be the test that is mended, and nothing else.
        host.testing.refused(failed);
        setFailed(failed.length);
        setFailure(t("tests.keptBack", { tests: failed.map((result) => result.name).join(t("tests.comma")) }));
        return;
      }
      if (Array.isArray(problem.detail["problems"])) editor.setProblems(problem.detail["problems"] as Problem[]);
      setFailure(problem.code === "flow.published" ? t("publish.taken", { version: String(problem.detail["version"] ?? "?") }) : problem.status === 409 ? t("publish.stale") : problem.status === 422 ? t("publish.cannotRun") : reasonOf(problem));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={t("publish.title")}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" form="publish" className="button primary" disabled={busy || errors > 0}>
            {t("topbar.publish")}
          </button>
        </>
      }
    >
      <form
        id="publish"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void publish();
        }}
      >
        <p>{t("publish.lead")}</p>
        <fieldset className="choices-row">
          <legend className="label">{t("publish.audience")}</legend>
          {(["all", "test"] as const).map((who) => (
            <label key={who} className={audience === who ? "choice chosen" : "choice"}>
              <input type="radio" name="audience" checked={audience === who} onChange={() => setAudience(who)} />
              <strong>{t(`publish.audience.${who}`)}</strong>
              <span className="muted small">
                {who === "all" ? t("publish.audience.all.help") : tested.length > 0 ? t("publish.audience.test.help", { numbers: tested.join(", ") }) : t("publish.noTestNumber")}
              </span>
            </label>
          ))}
        </fieldset>
        {testing !== null && <p className="notice warn">{t(audience === "all" ? "publish.endsTest" : "publish.replacesTest", { version: testing })}</p>}
        {audience === "test" && published === null && <p className="notice info">{t("publish.testOnlyYet")}</p>}
        <label className="field">
          <span className="label">{t("publish.name")}</span>
          <input className="input" maxLength={80} value={name} placeholder={t("publish.namePlaceholder")} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="field">
          <span className="label">{t("publish.note")}</span>
          <textarea className="input" rows={3} value={note} placeholder={t("publish.notePlaceholder")} onChange={(event) => setNote(event.target.value)} />
        </label>
        {failure && (
          <p className="notice bad" role="alert">
            {failure}
          </p>
        )}
        {failed > 0 && (
          <button
            type="button"
            className="link"
            onClick={() => {
              onClose();
              host.showPanel("tests");
            }}
          >
            {t("tests.seeFailed")}
          </button>
        )}
        {errors > 0 && <p className="notice bad">{t("publish.errors", { count: errors })}</p>}
        {errors === 0 && warnings > 0 && <p className="notice warn">{t("publish.warnings", { count: warnings })}</p>}
        {problems.length > 0 && (
          // A click leads to the node: the dialogue gives way.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
          <ul className="stack publish-problems" onClick={onClose}>
            {sortProblems(problems, flow).map((problem, index) => (
              <li key={index}>
                <ProblemItem problem={problem} />
              </li>
            ))}
          </ul>
        )}
      </form>
    </Dialog>
  );
}
