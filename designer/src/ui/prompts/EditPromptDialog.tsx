/** A recording of the library, cut and levelled; the one before can be put back at once. */
import { useEffect, useState } from "react";
import { promptAudio, putPrompt } from "../../api/prompts";
import type { Prompt } from "../../core/prompts";
import { Dialog } from "../parts/Dialog";
import { Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { type EditedSound, SoundEditor, asWav, edited, untouched } from "./SoundEditor";
import { PROMPT_RATE, decode, stop } from "./sound";

interface Props {
  readonly prompt: Prompt;
  onClose(): void;
  onStored(): void;
}

export function EditPromptDialog({ prompt, onClose, onStored }: Props) {
  const { t } = useTexts();
  const [before, setBefore] = useState<ArrayBuffer | null>(null);
  const [samples, setSamples] = useState<Float32Array | null>(null);
  const [value, setValue] = useState<EditedSound | null>(null);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let there = true;
    promptAudio(prompt)
      .then(async (file) => ({ file, found: await decode(file, PROMPT_RATE) }))
      .then(
        ({ file, found }) => {
          if (!there) return;
          setBefore(file);
          setSamples(found);
          setValue(untouched(found));
        },
        (error: unknown) => there && setFailure(reasonOf(error)),
      );
    return () => {
      there = false;
      stop();
    };
  }, [prompt]);

  const store = async (): Promise<void> => {
    if (!samples || !value || !before) return;
    setBusy(true);
    try {
      await putPrompt(prompt.language, prompt.name, asWav(edited(samples, value)));
      tell("good", t("library.stored", { name: prompt.name }), {
        label: t("studio.putBack"),
        run: () =>
          void putPrompt(prompt.language, prompt.name, new Blob([before], { type: "audio/wav" })).then(onStored, (error: unknown) => tell("bad", reasonOf(error))),
      });
      onStored();
    } catch (error) {
      setFailure(reasonOf(error));
      setBusy(false);
    }
  };

  return (
    <Dialog
      wide
      title={t("studio.editTitle", { name: prompt.name, language: prompt.language })}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button primary" disabled={!value || busy} onClick={() => void store()}>
            {t("common.save")}
          </button>
        </>
      }
    >
      {samples && value ? <SoundEditor samples={samples} value={value} onChange={setValue} /> : !failure && <Loading />}
      <div role="alert">{failure && <p className="notice bad">{failure}</p>}</div>
    </Dialog>
  );
}
