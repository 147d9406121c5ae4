import { useTexts } from "../texts";
import { useEditor, useEditorState } from "./context";

/** All steps since the flow was opened; a click goes back or forth to the state after one. */
export function HistoryList() {
  const { t, named } = useTexts();
  const editor = useEditor();
  const { past, future } = useEditorState((state) => state.history);
  const saved = useEditorState((state) => state.saved);
  const steps = [...past, ...future];
  const first = steps[0]?.before ?? editor.flow;
  const rows = [{ label: "step.opened", after: first }, ...steps];
  return (
    <ol className="history pad">
      {rows.map((step, index) => (
        <li key={index}>
          <button type="button" className={index > past.length ? "undone" : ""} aria-current={index === past.length ? "step" : undefined} onClick={() => editor.goTo(index)}>
            <span className="grow">{named(step.label)}</span>
            {step.after === saved && <span className="chip">{t("history.saved")}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}
