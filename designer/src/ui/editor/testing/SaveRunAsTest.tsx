import { ClipboardCheck } from "lucide-react";
import { useState } from "react";
import { testFromRun } from "../../../api/tests";
import type { SimulatedRun, WrittenTest } from "../../../core/conversationTests";
import { reasonOf } from "../../refusals";
import { useTexts } from "../../texts";
import { tell } from "../../toasts";
import { useEditor } from "../context";
import { TestDialog } from "./TestDialog";

interface Props {
  /** The call so far; may be still going on. Null while there is nothing to save. */
  readonly run: SimulatedRun | null;
}

/** "Save this run as a test": the simulator's call becomes a test that its author reads through before it is kept. */
export function SaveRunAsTest({ run }: Props) {
  const { t } = useTexts();
  const editor = useEditor();
  const [draft, setDraft] = useState<WrittenTest | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    if (!run) return;
    setBusy(true);
    try {
      const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
      setDraft(await testFromRun(editor.flow.id, t("tests.simulatedName", { time: clock }), run));
    } catch (error) {
      tell("bad", reasonOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="button" disabled={!run || busy} onClick={() => void make()}>
        <ClipboardCheck size={14} aria-hidden /> {t("tests.saveRun")}
      </button>
      {draft && <TestDialog test={draft} stored={null} onClose={() => setDraft(null)} />}
    </>
  );
}
