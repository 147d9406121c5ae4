/** One recording into the library: from a file, the microphone, or the platform's voice. */
import { Circle, FileAudio, Mic, Scissors, Speech, Square } from "lucide-react";
import { useId, useState } from "react";
import { putPrompt, speak } from "../../api/prompts";
import { type Prompt, isLanguage, isPromptName, promptKey, promptNameOf } from "../../core/prompts";
import { durationText } from "../../core/wav";
import { Dialog } from "../parts/Dialog";
import { reasonOf } from "../refusals";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { type EditedSound, SoundEditor, asWav, edited, untouched } from "./SoundEditor";
import { PlayButton, Waveform } from "./Waveform";
import { useRecorder } from "./recorder";
import { PROMPT_RATE, decode } from "./sound";
import "./prompts.css";

export const AUDIO_FILES = ".wav,.mp3,.ogg,.oga,.flac,audio/*";
const SOURCES = [
  ["file", FileAudio],
  ["record", Mic],
  ["speak", Speech],
] as const;
type Source = (typeof SOURCES)[number][0];

interface Props {
  readonly prompts: readonly Prompt[];
  readonly languages: readonly string[];
  readonly language: string;
  readonly name?: string;
  readonly file?: File | undefined;
  /** Words that the voice may speak, as a start. */
  readonly words?: string;
  onClose(): void;
  onStored(prompt: Prompt): void;
}

interface Take {
  readonly id: string;
  readonly sound: Blob;
}

let takes = 0;
const takeOf = (sound: Blob): Take => ({ id: `take ${(takes += 1)}`, sound });

export function AddPromptDialog({ prompts, languages, onClose, onStored, ...given }: Props) {
  const { t } = useTexts();
  const id = useId();
  const [source, setSource] = useState<Source>("file");
  const [language, setLanguage] = useState(given.language);
  const [name, setName] = useState(given.name || promptNameOf(given.file?.name ?? ""));
  const [words, setWords] = useState(given.words ?? "");
  const [take, setTake] = useState<Take | null>(() => (given.file ? takeOf(given.file) : null));
  const [cutting, setCutting] = useState<{ readonly samples: Float32Array; readonly value: EditedSound } | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  const keep = (sound: Blob): void => {
    setFailure("");
    setCutting(null);
    setTake(takeOf(sound));
  };
  const recorder = useRecorder(keep, (reason) => setFailure(t("library.noMicrophone", { reason })));
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      await work();
    } catch (error) {
      setFailure(reasonOf(error));
    }
    setBusy(false);
  };
  const say = (): Promise<void> => attempt(async () => keep(new Blob([await speak(words, language)], { type: "audio/wav" })));
  const edit = (sound: Blob): Promise<void> =>
    attempt(async () => {
      const samples = await decode(await sound.arrayBuffer(), PROMPT_RATE);
      setCutting({ samples, value: untouched(samples) });
    });
  const store = (): Promise<void> =>
    attempt(async () => {
      if (!take) return;
      const prompt = await putPrompt(language, name, cutting ? asWav(edited(cutting.samples, cutting.value)) : take.sound);
      tell("good", t("library.stored", { name }));
      onStored(prompt);
    });

  const wrongName = name !== "" && !isPromptName(name);
  const wrongLanguage = language !== "" && !isLanguage(language);
  const replaces = prompts.some((prompt) => promptKey(prompt) === promptKey({ language, name }));
  return (
    <Dialog
      title={t("library.addTitle")}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button primary" disabled={!take || busy || recorder.recording || !isPromptName(name) || !isLanguage(language)} onClick={() => void store()}>
            {t("common.save")}
          </button>
        </>
      }
    >
      <div className="row" role="group" aria-label={t("library.source")}>
        {SOURCES.map(([which, Icon]) => (
          <button key={which} type="button" className="button" aria-pressed={source === which} disabled={recorder.recording} onClick={() => setSource(which)}>
            <Icon size={15} aria-hidden /> {t(`library.source.${which}`)}
          </button>
        ))}
      </div>
      {source === "file" && (
        <label className="file-choice">
          <FileAudio size={20} aria-hidden />
          <span>{t("library.choose")}</span>
          <input
            type="file"
            className="sr-only"
            accept={AUDIO_FILES}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (!file) return;
              keep(file);
              setName((before) => before || promptNameOf(file.name));
            }}
          />
        </label>
      )}
      {source === "record" && (
        <div className="row">
          <button type="button" className="button" onClick={() => (recorder.recording ? recorder.stop() : void recorder.start())}>
            {recorder.recording ? <Square size={14} aria-hidden /> : <Circle size={14} className="bad-text" aria-hidden />}
            {t(recorder.recording ? "library.recordStop" : take ? "library.recordAgain" : "library.record")}
          </button>
          {recorder.recording && <span className="bad-text">{t("library.recording", { time: durationText(recorder.seconds) })}</span>}
        </div>
      )}
      {source === "speak" && (
        <div className="field">
          <label className="label" htmlFor={`${id}-words`}>
            {t("library.words")}
          </label>
          <textarea id={`${id}-words`} className="input" lang={language} rows={3} maxLength={2000} value={words} onChange={(event) => setWords(event.target.value)} />
          <span>
            <button type="button" className="button" disabled={busy || !words.trim() || !isLanguage(language)} onClick={() => void say()}>
              <Speech size={15} aria-hidden /> {t(busy ? "library.speaking" : "library.speak")}
            </button>
          </span>
        </div>
      )}
      {take && (
        <div className="row take">
          <PlayButton sound={take.id} name={t("library.take")} load={() => take.sound.arrayBuffer()} />
          <Waveform key={take.id} sound={take.id} load={() => take.sound.arrayBuffer()} />
          <span className="grow" />
          <button type="button" className="button" aria-expanded={cutting !== null} disabled={busy} onClick={() => (cutting ? setCutting(null) : void edit(take.sound))}>
            <Scissors size={14} aria-hidden /> {t("studio.editTake")}
          </button>
        </div>
      )}
      {cutting && <SoundEditor samples={cutting.samples} value={cutting.value} onChange={(value) => setCutting({ ...cutting, value })} />}
      <div className="field">
        <label className="label" htmlFor={`${id}-name`}>
          {t("library.name")}
        </label>
        <input id={`${id}-name`} className="input" value={name} aria-invalid={wrongName} onChange={(event) => setName(event.target.value)} />
        {wrongName && <span className="small bad-text">{t("library.badName")}</span>}
      </div>
      <div className="field">
        <label className="label" htmlFor={`${id}-language`}>
          {t("library.language")}
        </label>
        <input id={`${id}-language`} className="input" list={`${id}-languages`} value={language} aria-invalid={wrongLanguage} onChange={(event) => setLanguage(event.target.value)} />
        <datalist id={`${id}-languages`}>
          {languages.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        {wrongLanguage && <span className="small bad-text">{t("library.badLanguage")}</span>}
      </div>
      {replaces && <p className="notice warn">{t("library.replace", { language })}</p>}
      <div role="alert">{failure && <p className="notice bad">{failure}</p>}</div>
    </Dialog>
  );
}
