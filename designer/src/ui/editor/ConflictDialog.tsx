import { useState } from "react";
import { compare } from "../../core/difference";
import { Dialog } from "../parts/Dialog";
import { useTexts } from "../texts";
import { useEditor, useEditorState } from "./context";
import { DifferenceList } from "./DifferenceList";
import { DifferenceView } from "./DifferenceView";
import type { Conflict, Saving, Settlement } from "./saving";

/** Somebody saved before: what they changed is shown, and nothing is lost whatever the author chooses. */
export function ConflictDialog({ saving, conflict }: { saving: Saving; conflict: Conflict }) {
  const { t } = useTexts();
  const editor = useEditor();
  const types = useEditorState((state) => state.types);
  const [looking, setLooking] = useState(false);
  const settle = (how: Settlement) => (): void => void saving.settle(how);
  if (looking) {
    return (
      <DifferenceView
        title={t("conflict.title")}
        before={editor.flow}
        after={conflict.theirs}
        types={types}
        head={<p>{t("conflict.canvas", { user: conflict.by || "?" })}</p>}
        foot={
          <button type="button" className="button primary" onClick={() => setLooking(false)}>
            {t("conflict.decide")}
          </button>
        }
        onClose={() => setLooking(false)}
      />
    );
  }
  return (
    <Dialog
      title={t("conflict.title")}
      wide
      onClose={settle("later")}
      foot={
        <>
          <button type="button" className="button" onClick={settle("later")}>
            {t("conflict.later")}
          </button>
          <button type="button" className="button" onClick={settle("copy")}>
            {t("conflict.copy")}
          </button>
          <button type="button" className="button" onClick={settle("theirs")}>
            {t("conflict.theirs")}
          </button>
          <button type="button" className="button primary" onClick={settle("mine")}>
            {t("conflict.mine")}
          </button>
        </>
      }
    >
      <p>{t("conflict.who", { user: conflict.by || "?" })}</p>
      <p className="muted">{t("conflict.lead")}</p>
      <DifferenceList difference={compare(editor.flow, conflict.theirs)} before={editor.flow} after={conflict.theirs} />
      <div className="row">
        <button type="button" className="button" onClick={() => setLooking(true)}>
          {t("conflict.look")}
        </button>
      </div>
    </Dialog>
  );
}
