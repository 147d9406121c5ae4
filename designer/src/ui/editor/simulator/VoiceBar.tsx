import { Mic, MicOff, Volume2 } from "lucide-react";
import { useStore } from "zustand";
import { useTexts } from "../../texts";
import { useDebuggingState, useSpeech } from "./debugging";

/** A packet's own time, there and back. */
const PACKETS_MS = 40;

/** The microphone's and the platform's level, and how long sound takes. */
export function VoiceBar() {
  const { t } = useTexts();
  const speech = useSpeech();
  const { connected, muted, spoken, heard, buffered } = useStore(speech.store);
  const trip = useDebuggingState((state) => state.trip);
  if (!connected) return <p className="small muted pad">{t("simulator.voice.connecting")}</p>;
  return (
    <div className="voice">
      <button type="button" className="icon-button" aria-pressed={muted} aria-label={t("simulator.voice.mute")} title={t("simulator.voice.mute")} onClick={() => speech.mute(!muted)}>
        {muted ? <MicOff size={15} aria-hidden /> : <Mic size={15} aria-hidden />}
      </button>
      <Level label={t("simulator.voice.level")} value={spoken} />
      <Volume2 size={15} aria-hidden className="muted" />
      <Level label={t("simulator.voice.heard")} value={heard} />
      <span className="small muted figures" title={t("simulator.voice.latencyTitle")}>
        {t("simulator.voice.latency", { ms: Math.round(trip + buffered + PACKETS_MS) })}
      </span>
    </div>
  );
}

function Level({ label, value }: { label: string; value: number }) {
  const percent = Math.round(value * 100);
  return (
    <span className="level" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}
