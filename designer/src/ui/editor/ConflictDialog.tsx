import { compare } from "../../core/difference";
import { Dialog } from "../parts/Dialog";
import { useTexts } from "../texts";
import { useEditor } from "./context";
import { DifferenceList } from "./DifferenceList";
import type { Conflict, Saving } from "./saving";

/** Somebody saved before: what they changed is shown, and nothing is lost whatever the author chooses. */
export function ConflictDialog({ saving, conflict }: { saving: Saving; conflict: Conflict }) {
  const { t } = useTexts();
  const editor = useEditor();
  return (
    <Dialog
      title={t("conflict.title")}
      onClose={() => void saving.settle("later")}
      foot={
        <>
          <button type="button" className="button" onClick={() => void saving.settle("later")}>
            {t("conflict.later")}
          </button>
          <button type="button" className="button" onClick={() => void saving.settle("theirs")}>
            {t("conflict.theirs")}
          </button>
          <button type="button" className="button primary" onClick={() => void saving.settle("mine")}>
            {t("conflict.mine")}
          </button>
        </>
      }
    >
      <p>{t("conflict.lead")}</p>
      <DifferenceList difference={compare(editor.flow, conflict.theirs)} before={editor.flow} after={conflict.theirs} />
    </Dialog>
  );
}
