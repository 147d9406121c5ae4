import { useState } from "react";
import { compiledNode } from "../../../api/flows";
import { asApiError } from "../../resource";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";

/** The VoiceXML that the saved draft makes of a node, to be read. */
export function Compiled({ node }: { node: string }) {
  const { t } = useTexts();
  const flow = useEditorState((state) => state.history.flow.id);
  const [text, setText] = useState<string | null>(null);
  const load = async (): Promise<void> => {
    try {
      const { documents } = await compiledNode(flow, node);
      setText(Object.values(documents).join("\n\n"));
    } catch (error) {
      setText(asApiError(error).message);
    }
  };
  return (
    <details className="form-section compiled" onToggle={(event) => event.currentTarget.open && void load()}>
      <summary>
        <h3>{t("properties.voicexml")}</h3>
      </summary>
      {/* Long documents are scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="mono" tabIndex={0} aria-label={t("properties.voicexml")}>
        {text ?? t("common.loading")}
      </pre>
      <p className="muted small">{t("properties.voicexmlHelp")}</p>
    </details>
  );
}
