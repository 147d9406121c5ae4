/** A recording of the library: chosen by name, heard, and put in where it is missing. */
import { Upload } from "lucide-react";
import { useId, useState } from "react";
import { listPrompts, promptAudio, speak } from "../../../api/prompts";
import { AddPromptDialog } from "../../prompts/AddPromptDialog";
import { PlayButton } from "../../prompts/Waveform";
import { useResource } from "../../resource";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";
import { type WidgetProps, asText } from "./form";

export function PromptPicker({ id, label, value, invalid, onChange }: WidgetProps) {
  const { t } = useTexts();
  const options = useId();
  const languages = useEditorState((state) => state.history.flow.languages);
  const found = useResource("prompts", listPrompts);
  const [adding, setAdding] = useState(false);
  const name = asText(value);
  const prompts = found.data ?? [];
  const own = prompts.filter((prompt) => prompt.name === name);
  const missing = languages.filter((language) => !own.some((prompt) => prompt.language === language));
  return (
    <span className="stack tight grow">
      <span className="row tight">
        <input id={id} className="input mono" list={options} aria-label={label} aria-invalid={invalid} value={name} onChange={(event) => onChange(event.target.value)} />
        <datalist id={options}>
          {[...new Set(prompts.map((prompt) => prompt.name))].map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="button" className="icon-button" aria-label={t("library.addTitle")} title={t("library.addTitle")} onClick={() => setAdding(true)}>
          <Upload size={14} aria-hidden />
        </button>
      </span>
      {name && found.data && (
        <span className="row tight wrap small">
          {own.map((prompt) => (
            <span key={prompt.language} className="row tight">
              <PlayButton sound={`${prompt.language}/${prompt.name} ${prompt.changed}`} name={`${prompt.name} (${prompt.language})`} load={() => promptAudio(prompt)} />
              {prompt.language}
            </span>
          ))}
          {missing.length > 0 && <span className="warn-text">{t("library.notInLibrary", { languages: missing.join(", ") })}</span>}
        </span>
      )}
      {adding && (
        <AddPromptDialog
          prompts={prompts}
          languages={languages}
          language={missing[0] ?? languages[0] ?? ""}
          name={name}
          onClose={() => setAdding(false)}
          onStored={(prompt) => {
            setAdding(false);
            onChange(prompt.name);
            found.reload();
          }}
        />
      )}
    </span>
  );
}

/** The platform's voice reads a text as a caller would hear it. */
export function HearText({ text, language }: { text: string; language: string }) {
  const { t } = useTexts();
  return <PlayButton sound={`spoken ${language} ${text}`} name={t("library.hear", { language })} load={() => speak(text, language)} />;
}
