/** Sound in the page. One sound plays at a time; it is decoded here, as the page may play nothing from elsewhere. */
import { create } from "zustand";

const RATE = 16_000;

/** The samples of an audio file, mono, at 16 kHz. Throws when the browser cannot read it. */
export async function decode(file: ArrayBuffer): Promise<Float32Array> {
  // Decoding takes the bytes away from their owner: it gets a copy.
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(file.slice(0));
  const mono = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    sound.getChannelData(channel).forEach((sample, n) => (mono[n] = (mono[n] ?? 0) + sample / sound.numberOfChannels));
  }
  return mono;
}

export const SAMPLE_RATE = RATE;

interface Playing {
  /** What plays now; null in silence. */
  readonly key: string | null;
}

export const usePlaying = create<Playing>()(() => ({ key: null }));

let context: AudioContext | null = null;
let source: AudioBufferSourceNode | null = null;
/** Counts wishes, so that a sound that comes late does not play over a newer one. */
let wish = 0;

export function stop(): void {
  wish += 1;
  source?.stop();
  source = null;
  usePlaying.setState({ key: null });
}

/** Plays a file under a name of the caller's choice, in place of what plays now. Throws when it cannot be had or read. */
export async function play(key: string, load: () => Promise<ArrayBuffer>): Promise<void> {
  stop();
  const own = wish;
  usePlaying.setState({ key });
  try {
    const samples = await decode(await load());
    if (own !== wish) return;
    context ??= new AudioContext();
    await context.resume();
    const buffer = context.createBuffer(1, Math.max(1, samples.length), RATE);
    buffer.copyToChannel(samples as Float32Array<ArrayBuffer>, 0);
    source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => own === wish && stop();
    source.start();
  } catch (error) {
    if (own === wish) stop();
    throw error;
  }
}
