/** Sound in the page. One sound plays at a time; it is decoded here, as the page may play nothing from elsewhere. */
import { create } from "zustand";

const RATE = 16_000;

/** What prompts are stored at: a recording that is cut at this rate loses nothing. */
export const PROMPT_RATE = 8000;

/** The samples of an audio file, mono. Throws when the browser cannot read it. */
export async function decode(file: ArrayBuffer, rate: number = RATE): Promise<Float32Array> {
  // Decoding takes the bytes away from their owner: it gets a copy.
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(file.slice(0));
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
export const play = (key: string, load: () => Promise<ArrayBuffer>): Promise<void> => start(key, RATE, async () => decode(await load()));

/** Plays samples at the rate of prompts. */
export const playSamples = (key: string, samples: Float32Array): Promise<void> => start(key, PROMPT_RATE, () => Promise.resolve(samples));

async function start(key: string, rate: number, load: () => Promise<Float32Array>): Promise<void> {
  stop();
  const own = wish;
  usePlaying.setState({ key });
  try {
    const samples = await load();
    if (own !== wish) return;
    context ??= new AudioContext();
    await context.resume();
    const buffer = context.createBuffer(1, Math.max(1, samples.length), rate);
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
