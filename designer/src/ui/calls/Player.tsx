import { AudioLines, ChevronLeft, ChevronRight, Pause, Play, Volume2, VolumeX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { recordingAddress } from "../../api/recordings";
import { type Playback, type Reel, SPEEDS, type Speed, soundAt } from "../../core/replay";
import { useTexts } from "../texts";
import { clock } from "./clock";

interface Props {
  readonly playback: Playback;
  readonly reel: Reel;
  readonly whole: boolean;
  readonly count: number;
  /** The name of the node where the caller is. */
  readonly where: string;
  onBack(): void;
  onForward(): void;
  onSeek(moment: number): void;
  onToggle(): void;
  onSet(part: Partial<Playback>): void;
  onWhole(): void;
}

/** Further apart than this, sound and picture are brought together again. */
const DRIFT_S = 0.35;

/** The recording that belongs to the moment, in step with the replay. Tells when a sound cannot be played. */
function useSound({ playback, reel }: Pick<Props, "playback" | "reel">, muted: boolean): { sounding: boolean; broken: boolean } {
  const audio = useRef<HTMLAudioElement | null>(null);
  const [broken, setBroken] = useState("");
  const sound = soundAt(reel.recorded, playback.moment);
  useEffect(() => {
    const element = new Audio();
    element.preload = "auto";
    element.addEventListener("error", () => setBroken(element.dataset["recording"] ?? ""));
    audio.current = element;
    return () => {
      element.pause();
      element.removeAttribute("src");
    };
  }, []);
  const id = sound?.id;
  useEffect(() => {
    const element = audio.current;
    if (!element || !id || element.dataset["recording"] === id) return;
    element.dataset["recording"] = id;
    element.src = recordingAddress(id);
  }, [id]);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.muted = muted;
    if (!sound || !playback.playing || broken === sound.id) {
      if (!element.paused) element.pause();
      return;
    }
    const wanted = playback.moment - sound.start;
    if (Math.abs(element.currentTime - wanted) > DRIFT_S * playback.speed) element.currentTime = wanted;
    element.playbackRate = playback.speed;
    // A browser that wants a click first lets the picture go on without sound.
    if (element.paused) element.play().catch(() => undefined);
  }, [sound, playback, muted, broken]);
  return { sounding: sound !== undefined && playback.playing, broken: sound !== undefined && broken === sound.id };
}

/** The replay's controls: play, step, speed, the call's time line with its steps and recordings. */
export function Player(props: Props) {
  const { playback, reel, whole, count, where, onBack, onForward, onSeek, onToggle, onSet, onWhole } = props;
  const { t } = useTexts();
  const [muted, setMuted] = useState(false);
  const { sounding, broken } = useSound(props, muted);
  const share = (seconds: number): string => `${reel.length > 0 ? (100 * seconds) / reel.length : 0}%`;
  return (
    <div className="player" role="group" aria-label={t("calls.player")}>
      <button type="button" className="icon-button" aria-label={t("calls.previous")} title={`${t("calls.previous")} (←)`} disabled={!whole && playback.at === 0} onClick={onBack}>
        <ChevronLeft size={18} aria-hidden />
      </button>
      <button type="button" className="button primary play" aria-label={playback.playing ? t("calls.pause") : t("calls.play")} onClick={onToggle}>
        {playback.playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
      </button>
      <button type="button" className="icon-button" aria-label={t("calls.next")} title={`${t("calls.next")} (→)`} disabled={!whole && playback.at >= count - 1} onClick={onForward}>
        <ChevronRight size={18} aria-hidden />
      </button>
      <span className="figures small" aria-hidden>
        {clock(playback.moment)} / {clock(reel.length)}
      </span>
      <div className="timeline">
        <div className="timeline-marks" aria-hidden>
          {reel.recorded.map((sound) => (
            <span key={sound.id} className="timeline-sound" style={{ left: share(sound.start), width: share(sound.duration) }} />
          ))}
          {reel.times.map((time, index) => (
            <span key={index} className="timeline-step" style={{ left: share(time) }} />
          ))}
        </div>
        <input
          type="range"
          min={0}
          max={Math.max(reel.length, 0.1)}
          step={0.1}
          value={playback.moment}
          aria-label={t("calls.timeline")}
          aria-valuetext={`${clock(playback.moment)}, ${where}`}
          onChange={(event) => onSeek(Number(event.target.value))}
          onKeyDown={(event) => {
            const act = { ArrowLeft: onBack, ArrowRight: onForward, " ": onToggle }[event.key];
            if (!act) return;
            event.preventDefault();
            act();
          }}
        />
      </div>
      {reel.recorded.length > 0 && (
        <button type="button" className="icon-button" aria-pressed={muted} aria-label={t("calls.mute")} title={t("calls.mute")} onClick={() => setMuted(!muted)}>
          {muted ? <VolumeX size={16} aria-hidden /> : <Volume2 size={16} aria-hidden />}
        </button>
      )}
      <label className="row tight small">
        <span className="sr-only">{t("calls.speed")}</span>
        <select className="input speed" value={playback.speed} onChange={(event) => onSet({ speed: Number(event.target.value) as Speed })}>
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      <label className="switch small">
        <input type="checkbox" role="switch" checked={playback.skipWaits} onChange={(event) => onSet({ skipWaits: event.target.checked })} />
        {t("calls.skipWaits")}
      </label>
      <span className="grow" />
      <span role="status" className="small row tight">
        {sounding && !broken && <AudioLines size={14} className="good-text" aria-label={t("calls.sounding")} />}
        {broken && <span className="warn-text">{t("calls.noSound")}</span>}
        {whole ? t("calls.steps", { count }) : t("calls.step", { n: playback.at + 1, count })}
      </span>
      <button type="button" className="link small" aria-pressed={whole} onClick={onWhole}>
        {t("calls.wholePath")}
      </button>
    </div>
  );
}
