/** A button that plays a sound, and how the sound looks. */
import { Play, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { peaks } from "../../core/wav";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { decode, play, stop, usePlaying } from "./sound";

const BARS = 56;
const BAR = 3;
const HEIGHT = 28;

interface Props {
  /** Says which sound it is, among all on the page. */
  readonly sound: string;
  readonly name: string;
  load(): Promise<ArrayBuffer>;
}

export function PlayButton({ sound, name, load }: Props) {
  const { t } = useTexts();
  const playing = usePlaying((state) => state.key === sound);
  const label = t(playing ? "library.stop" : "library.play", { name });
  const press = (): void => {
    if (playing) stop();
    else play(sound, load).catch((error: unknown) => tell("bad", t("library.noSound", { reason: error instanceof Error ? error.message : String(error) })));
  };
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={press}>
      {playing ? <Square size={14} aria-hidden /> : <Play size={14} aria-hidden />}
    </button>
  );
}

const drawn = new Map<string, readonly number[]>();
const KEPT = 500;

/** The sound's shape, fetched when it comes into view; a sound that cannot be read has none. */
export function Waveform({ sound, load }: Omit<Props, "name">) {
  const ref = useRef<SVGSVGElement>(null);
  const [, redraw] = useState(0);
  const playing = usePlaying((state) => state.key === sound);
  useEffect(() => {
    const element = ref.current;
    if (!element || drawn.has(sound)) return undefined;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      load()
        .then(decode)
        .then((samples) => {
          if (drawn.size >= KEPT) drawn.clear();
          drawn.set(sound, peaks(samples, BARS));
          redraw((n) => n + 1);
        })
        .catch(() => undefined); // Playing it says what is wrong.
    });
    seen.observe(element);
    return () => seen.disconnect();
    // The sound's name says what is loaded; `load` is a new function on every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [sound]);
  const bars = drawn.get(sound) ?? Array.from({ length: BARS }, () => 0);
  return (
    <svg ref={ref} className={playing ? "waveform playing" : "waveform"} width={BARS * BAR} height={HEIGHT} aria-hidden>
      {bars.map((loud, n) => {
        const height = Math.max(1.5, loud * HEIGHT);
        return <rect key={n} x={n * BAR} y={(HEIGHT - height) / 2} width={BAR - 1} height={height} rx={1} />;
      })}
    </svg>
  );
}
