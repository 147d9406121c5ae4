import { Check, Play, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { checkTest, runTests } from "../../../api/tests";
import type { Result, WrittenTest } from "../../../core/conversationTests";
import { STEP_TEMPLATES, type StepKind, withStep } from "../../../core/testText";
import { CodeEditor, type CodeProblem } from "../../parts/CodeEditor";
import { Dialog } from "../../parts/Dialog";
import { asApiError } from "../../resource";
import { useTexts } from "../../texts";
import { tell } from "../../toasts";
import { useEditor } from "../context";
import { FailureView } from "./FailureView";
import { useTesting, useTestingState } from "./use";

interface Props {
  readonly test: WrittenTest;
  /** The name that the test is stored under; null: the test is new. */
  readonly stored: string | null;
  onClose(): void;
}

const CHECK_MS = 350;

interface Wrong {
  readonly line: number;
  readonly message: string;
}

/** What the server says is wrong with a text, a moment after the author has stopped typing. */
function useCheck(text: string): Wrong | null {
  const { pick } = useTexts();
  const editor = useEditor();
  const [wrong, setWrong] = useState<Wrong | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      checkTest(editor.flow.id, text, abort.signal).then(
        ({ problems: [first] }) => setWrong(first ? { line: first.line, message: pick(first.message) } : null),
        () => undefined, // Saving says what is wrong again, and that the server cannot be reached.
      );
    }, CHECK_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [editor, text, pick]);
  return wrong;
}

/** What a saved run could not say of the services, for the author to add. */
function ToFillIn({ lead, places = [] }: { readonly lead: string; readonly places?: readonly string[] | undefined }) {
  if (!places.length) return null;
  return (
    <div className="notice info">
      <p>{lead}</p>
      <ul>
        {places.map((place) => (
          <li key={place}>
            <code>{place}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A test's YAML, to be written, tried and stored. */
export function TestDialog({ test, stored, onClose }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const editor = useEditor();
  const testing = useTesting();
  const last = useTestingState((state) => (stored === null ? undefined : state.ran.get(stored)));
  const [text, setText] = useState(test.text);
  const [tried, setTried] = useState<{ text: string; result: Result } | null>(() => (last && last.text === test.text ? { text: test.text, result: last.result } : null));
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const wrong = useCheck(text);
  const result = tried?.text === text ? tried.result : null;
  const changed = stored === null || text !== test.text;

  const problems = useMemo<CodeProblem[]>(() => {
    if (wrong) return [{ ...wrong, severity: "error" }];
    const failure = result?.failure;
    return failure && failure.line > 0 ? [{ line: failure.line, severity: "error", message: texts.pick(failure.message) }] : [];
  }, [wrong, result, texts]);

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFault("");
    try {
      await work();
    } catch (error) {
      const { code, message } = asApiError(error);
      // What cannot be read is said at its line already.
      if (code !== "test.invalid" || !wrong) setFault(code === "test.exists" ? t("tests.taken") : message);
    } finally {
      setBusy(false);
    }
  };
  const tryOut = (): Promise<void> =>
    attempt(async () => {
      await runTests({ flow: editor.flow, tests: [], texts: { [test.name]: text } }, (told) => setTried({ text, result: told }));
    });
  const save = (): Promise<void> =>
    attempt(async () => {
      const made = await testing.save({ name: test.name, text }, stored);
      tell("good", t("tests.saved", { name: made.name }));
      onClose();
      testing.show("tests");
      testing.choose(made.name);
      await testing.run([made.name]);
    });
  const leave = (): void => {
    if (text === test.text || leaving) onClose();
    else setLeaving(true);
  };

  return (
    <Dialog
      wide
      title={stored === null ? t("tests.newTitle") : t("tests.editTitle", { name: stored })}
      onClose={leave}
      foot={
        leaving ? (
          <>
            <span className="grow" role="alert">
              {t("tests.notSaved")}
            </span>
            <button type="button" className="button danger" onClick={onClose}>
              {t("tests.discard")}
            </button>
            <button type="button" className="button" onClick={() => setLeaving(false)}>
              {t("tests.keepWriting")}
            </button>
          </>
        ) : (
          <>
            <select className="input add-step" aria-label={t("tests.addStep")} value="" onChange={(event) => setText(withStep(text, event.target.value as StepKind))}>
              <option value="" disabled>
                {t("tests.addStep")}
              </option>
              {(Object.keys(STEP_TEMPLATES) as StepKind[]).map((kind) => (
                <option key={kind} value={kind}>
                  {kind} – {t(`tests.step.${kind}`)}
                </option>
              ))}
            </select>
            <span className="grow" />
            <button type="button" className="button" disabled={busy || wrong !== null} onClick={() => void tryOut()}>
              <Play size={14} aria-hidden /> {t("tests.tryOut")}
            </button>
            <button type="button" className="button primary" disabled={busy || wrong !== null || !changed} onClick={() => void save()}>
              {t("tests.save")}
            </button>
          </>
        )
      }
    >
      <p className="muted small">{t("tests.dialogLead")}</p>
      <ToFillIn lead={t("tests.masked")} places={test.masked} />
      <ToFillIn lead={t("tests.leftOut")} places={test.left_out} />
      <CodeEditor label={t("tests.text")} language="yaml" value={text} invalid={problems.length > 0} problems={problems} describedBy="test-wrong" onChange={setText} />
      <div id="test-wrong" className="stack tight" role="status">
        {wrong && (
          <p className="notice bad">
            <strong>{t("tests.atLine", { line: wrong.line })}</strong> {wrong.message}
          </p>
        )}
        {fault && <p className="notice bad">{fault}</p>}
        {!wrong && result?.passed && (
          <p className="notice good row">
            <Check size={15} aria-hidden /> {t("tests.triedPassed", { ms: texts.number(Math.round(result.seconds * 1000)) })}
          </p>
        )}
        {!wrong && result?.failure && (
          <div className="notice bad">
            <p className="row">
              <X size={15} aria-hidden /> <strong>{t("tests.state.failed")}</strong>
            </p>
            <FailureView result={result} modal />
          </div>
        )}
      </div>
    </Dialog>
  );
}
