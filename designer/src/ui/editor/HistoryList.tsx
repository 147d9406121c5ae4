import { stepSubject } from "../../core/stepSubject";
import { useTexts } from "../texts";
import { useEditor, useEditorState } from "./context";

/** All steps since the flow was opened, and what each was done to; a click goes back or forth to the state after one. */
export function HistoryList() {
  const { t, named, language } = useTexts();
  const editor = useEditor();
  const types = useEditorState((state) => state.types);
  const { past, future } = useEditorState((state) => state.history);
  const saved = useEditorState((state) => state.saved);
  const steps = [...past, ...future];
  const first = steps[0]?.before ?? editor.flow;
  const rows = [{ label: "step.opened", after: first, subject: "" }, ...steps.map((step) => ({ ...step, subject: stepSubject(step, types, language) }))];
  return (
    <ol className="history pad">
      {rows.map((step, index) => (
        <li key={index}>
          <button type="button" className={index > past.length ? "undone" : ""} aria-current={index === past.length ? "step" : undefined} title={step.subject || undefined} onClick={() => editor.goTo(index)}>
            <span className="step-name">{named(step.label)}</span>
            <span className="grow ellipsis muted small">{step.subject}</span>
            {step.after === saved && <span className="chip">{t("history.saved")}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}
