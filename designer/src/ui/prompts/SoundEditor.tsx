/** A recording to be cut and levelled: its shape, the span that stays, and what it will be. */
import { Play, Redo2, Scissors, Square, Volume2 } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { type Span, cut, levelOf, levelled, spoken } from "../../core/soundEdit";
import { durationText, encodeWav, peaks } from "../../core/wav";
import { useTexts } from "../texts";
import { PROMPT_RATE, playSamples, stop, usePlaying } from "./sound";

const BARS = 180;
const HEIGHT = 72;
const STEP = 0.01;

export interface EditedSound {
  readonly span: Span;
  readonly level: boolean;
}

/** The recording as it stands now, at the rate of prompts. */
export const edited = (samples: Float32Array, { span, level }: EditedSound): Float32Array => {
  const part = cut(samples, PROMPT_RATE, span);
  return level ? levelled(part) : part;
};
export const asWav = (samples: Float32Array): Blob => new Blob([encodeWav(samples, PROMPT_RATE)], { type: "audio/wav" });
export const untouched = (samples: Float32Array): EditedSound => ({ span: { from: 0, to: samples.length / PROMPT_RATE }, level: false });

interface Props {
  readonly samples: Float32Array;
  readonly value: EditedSound;
  onChange(value: EditedSound): void;
}

export function SoundEditor({ samples, value, onChange }: Props) {
  const { t, number } = useTexts();
  const id = useId();
  const [silent, setSilent] = useState(false);
  const playing = usePlaying((state) => state.key === id);
  const whole = samples.length / PROMPT_RATE;
  const { span, level } = value;
  const result = useMemo(() => edited(samples, value), [samples, value]);
  const bars = useMemo(() => peaks(samples, BARS), [samples]);
  const change = (next: Partial<Span>): void => {
    const from = Math.max(0, Math.min(next.from ?? span.from, whole - STEP));
    const to = Math.min(whole, Math.max(next.to ?? span.to, from + STEP));
    onChange({ ...value, span: { from: Math.min(from, to - STEP), to } });
  };
  const cutSilence = (): void => {
    const words = spoken(samples, PROMPT_RATE);
    setSilent(words === null);
    if (words) onChange({ ...value, span: words });
  };
  const ends = [
    ["from", span.from],
    ["to", span.to],
  ] as const;
  const inside = (n: number): boolean => ((n + 0.5) * whole) / BARS >= span.from && ((n + 0.5) * whole) / BARS <= span.to;
  return (
    <div className="sound-editor">
      <svg className="sound-shape" viewBox={`0 0 ${BARS} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
        {bars.map((loud, n) => {
          const height = Math.max(1, loud * HEIGHT);
          return <rect key={n} className={inside(n) ? "" : "cut"} x={n + 0.15} width={0.7} y={(HEIGHT - height) / 2} height={height} />;
        })}
      </svg>
      {ends.map(([end, at]) => (
        <label key={end} className="row sound-end">
          <span className="label">{t(`studio.${end}`)}</span>
          <input
            className="grow"
            type="range"
            min={0}
            max={whole}
            step={STEP}
            value={at}
            aria-valuetext={`${number(Math.round(at * 100) / 100)} s`}
            onChange={(event) => change({ [end]: Number(event.target.value) })}
          />
          <span className="mono" aria-hidden>{at.toFixed(2)} s</span>
        </label>
      ))}
      <div className="row wrap">
        <button type="button" className="button" onClick={() => (playing ? stop() : void playSamples(id, result))}>
          {playing ? <Square size={14} aria-hidden /> : <Play size={14} aria-hidden />} {t(playing ? "studio.stop" : "studio.hear")}
        </button>
        <button type="button" className="button" onClick={cutSilence}>
          <Scissors size={14} aria-hidden /> {t("studio.cutSilence")}
        </button>
        <button type="button" className="button" aria-pressed={level} onClick={() => onChange({ ...value, level: !level })}>
          <Volume2 size={14} aria-hidden /> {t("studio.level")}
        </button>
        <button type="button" className="button" onClick={() => onChange(untouched(samples))}>
          <Redo2 size={14} aria-hidden /> {t("studio.reset")}
        </button>
      </div>
      <p className="small muted plain" role="status">
        {silent ? t("studio.silent") : t("studio.result", { length: durationText(result.length / PROMPT_RATE), level: Number.isFinite(levelOf(result)) ? number(Math.round(levelOf(result))) : "–∞" })}
      </p>
    </div>
  );
}
