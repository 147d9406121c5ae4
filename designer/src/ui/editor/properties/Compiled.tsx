import { useEffect, useState } from "react";
import { compiledDraft } from "../../../api/editing";
import { CodeEditor } from "../../parts/CodeEditor";
import { reasonOf } from "../../refusals";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";

const QUIET_MS = 400;

/** The VoiceXML that a node of the draft becomes, to be read. */
export function Compiled({ node }: { node: string }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <details className="form-section compiled" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h3>{t("properties.voicexml")}</h3>
      </summary>
      {open && <Text node={node} />}
    </details>
  );
}

/** Follows the draft a moment after each change. */
function Text({ node }: { node: string }) {
  const { t } = useTexts();
  const flow = useEditorState((state) => state.history.flow);
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    const load = async (): Promise<void> => {
      const found = await compiledDraft(flow, node).then(
        ({ documents }) => Object.values(documents).join("\n\n"),
        (error: unknown) => `<!-- ${reasonOf(error)} -->`,
      );
      if (wanted) setText(found.trimEnd());
    };
    const timer = setTimeout(() => void load(), QUIET_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [flow, node]);
  if (text === null) return <p className="muted small">{t("common.loading")}</p>;
  return <CodeEditor language="xml" label={t("properties.voicexml")} value={text} />;
}
