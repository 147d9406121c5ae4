import { FlaskConical, GitCompareArrows } from "lucide-react";
import { useEffect, useState } from "react";
import { type Version, flowNumbers, listVersions, openVersion, promote, putOnTest, rollBack } from "../../api/flows";
import { Empty, Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { asApiError, useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { useComparing } from "./comparing";
import { CompareDialog, DRAFT, versionName } from "./CompareDialog";
import { useEditor, useEditorState } from "./context";

/** The versions of the flow: who published which, when and why; what callers get, and what only test numbers get. */
export function Versions() {
  const texts = useTexts();
  const { t } = texts;
  const editor = useEditor();
  const flow = useEditorState((state) => state.history.flow.id);
  const published = useEditorState((state) => state.published);
  const testing = useEditorState((state) => state.testing);
  const versions = useResource(`versions ${flow} ${published} ${testing}`, () => listVersions(flow));
  const numbers = useResource(`numbers of ${flow}`, () => flowNumbers(flow));
  const [comparing, setComparing] = useState<{ before: number; after: number } | null>(null);
  const [busy, setBusy] = useState(false);
  const asked = useComparing((state) => state.asked);
  const first = versions.data?.[0]?.version;
  useEffect(() => {
    if (!asked || first === undefined) return;
    useComparing.setState({ asked: false });
    setComparing({ before: published ?? first, after: DRAFT });
  }, [asked, first, published]);

  const attempt = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await run();
    } catch (error) {
      const problem = asApiError(error);
      const stale = problem.code === "flow.current_changed" || problem.code === "flow.not_on_test";
      tell("bad", stale ? t("versions.stale") : reasonOf(problem));
      if (stale) versions.reload();
    } finally {
      setBusy(false);
    }
  };
  /** One click there, one click back: the message offers the way back. */
  const makeCurrent = (version: number, how: typeof rollBack): Promise<void> =>
    attempt(async () => {
      const before = editor.state.testing;
      const done = await how(flow, version, editor.state.published);
      editor.markPublished(done.version, done.testing);
      const back = done.before;
      const undo = async (): Promise<void> => {
        if (back === null) return;
        const undone = await rollBack(flow, back, version);
        if (before !== undone.testing) await putOnTest(flow, before);
        editor.markPublished(undone.version, before);
        tell("good", t("versions.rolledBack", { version: back }));
      };
      tell("good", t("versions.rolledBack", { version }), back === null || back === version ? undefined : { label: t("action.edit.undo"), run: () => void attempt(undo) });
    });
  const test = (version: number | null): Promise<void> =>
    attempt(async () => {
      await putOnTest(flow, version);
      editor.markPublished(editor.state.published, version);
      tell("good", version === null ? t("versions.testEnded") : t("versions.onTestNow", { version }));
    });
  const edit = (version: Version): Promise<void> =>
    attempt(async () => {
      editor.edit({ kind: "flow.replace", flow: await openVersion(flow, version.version) }, "step.openVersion");
      tell("info", t("versions.opened", { version: version.version }), { label: t("action.edit.undo"), run: () => editor.undo() });
    });

  if (versions.error && !versions.data) return <Failed error={versions.error} retry={versions.reload} />;
  if (!versions.data) return <Loading />;
  if (versions.data.length === 0) return <Empty>{t("versions.none")}</Empty>;
  const tested = (numbers.data ?? []).filter((number) => number.test).map((number) => number.number);
  return (
    <>
      <div className="versions-head row">
        <button type="button" className="button" onClick={() => setComparing({ before: published ?? versions.data?.[0]?.version ?? DRAFT, after: DRAFT })}>
          <GitCompareArrows size={15} aria-hidden /> {t("versions.compareAny")}
        </button>
      </div>
      <ol className="versions">
        {versions.data.map((version) => (
          <li key={version.version} data-testid={`version-${version.version}`}>
            <div className="row">
              <strong className="ellipsis">{versionName(texts, version)}</strong>
              {version.current && <span className="chip good">{t("versions.current")}</span>}
              {version.testing && (
                <span className="chip warn" title={t("versions.testNumbers", { numbers: tested.join(", ") || "–" })}>
                  <FlaskConical size={12} aria-hidden /> {t("versions.onTest")}
                </span>
              )}
            </div>
            <p className="muted small">
              {t("versions.by", { user: version.published_by || t("versions.system"), time: texts.time(version.published_at) })}
            </p>
            {version.note && <p>{version.note}</p>}
            {version.testing && <p className="small">{tested.length > 0 ? t("versions.testNumbers", { numbers: tested.join(", ") }) : t("publish.noTestNumber")}</p>}
            <div className="row">
              {version.testing && (
                <button type="button" className="button primary" disabled={busy} onClick={() => void makeCurrent(version.version, promote)}>
                  {t("versions.promote")}
                </button>
              )}
              {version.testing && published !== null && (
                <button type="button" className="link" disabled={busy} onClick={() => void test(null)}>
                  {t("versions.endTest")}
                </button>
              )}
              {!version.current && !version.testing && (
                <button type="button" className="link" disabled={busy} onClick={() => void makeCurrent(version.version, rollBack)}>
                  {t("versions.rollBack")}
                </button>
              )}
              {!version.current && !version.testing && tested.length > 0 && (
                <button type="button" className="link" disabled={busy} onClick={() => void test(version.version)}>
                  {t("versions.tryOut")}
                </button>
              )}
              <button type="button" className="link" onClick={() => setComparing({ before: version.version, after: DRAFT })}>
                {t("versions.compare")}
              </button>
              <button type="button" className="link" disabled={busy} onClick={() => void edit(version)}>
                {t("versions.edit")}
              </button>
            </div>
          </li>
        ))}
      </ol>
      {comparing && <CompareDialog versions={versions.data} {...comparing} onClose={() => setComparing(null)} />}
    </>
  );
}
