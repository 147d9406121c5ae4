/** Cutting and levelling a recording. Samples are mono, from -1 to 1; moments are in seconds. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Every prompt is brought to this mean level, as the platform's own pieces are: none is louder than its neighbour. */
export const LEVEL_DB = -20;
const PEAK_DB = -1;
/** Windows quieter than this are silence. */
const SILENT_DB = -45;
const WINDOW = 0.01;
/** What stays of the silence before the first and after the last word. */
const LEAD_IN = 0.02;
const LEAD_OUT = 0.04;

const decibels = (amplitude: number): number => (amplitude > 0 ? 20 * Math.log10(amplitude) : -Infinity);
const amplitudeOf = (db: number): number => 10 ** (db / 20);

function mean(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += (samples[at] ?? 0) ** 2;
  return to > from ? Math.sqrt(sum / (to - from)) : 0;
}

/** The mean level in dB of full scale; -Infinity in silence. */
export const levelOf = (samples: Float32Array): number => decibels(mean(samples, 0, samples.length));

/** From the first word to the last, with a little air; null when nothing is said. */
export function spoken(samples: Float32Array, rate: number): Span | null {
  const size = Math.max(1, Math.round(WINDOW * rate));
  const threshold = amplitudeOf(SILENT_DB);
  let first = -1;
  let last = -1;
  for (let at = 0; at < samples.length; at += size) {
    if (mean(samples, at, Math.min(samples.length, at + size)) <= threshold) continue;
    if (first < 0) first = at;
    last = Math.min(samples.length, at + size);
  }
  if (first < 0) return null;
  return { from: Math.max(0, first / rate - LEAD_IN), to: Math.min(samples.length / rate, last / rate + LEAD_OUT) };
}

/** The part between two moments; a span beyond the ends is brought inside. */
export function cut(samples: Float32Array, rate: number, span: Span): Float32Array {
  const at = (seconds: number): number => Math.max(0, Math.min(samples.length, Math.round(seconds * rate)));
  return samples.slice(at(span.from), at(span.to));
}

/** The recording at the level of prompts; a loud peak holds it below full scale, silence stays as it is. */
export function levelled(samples: Float32Array): Float32Array {
  const level = levelOf(samples);
  if (level < -70) return samples;
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const gain = Math.min(amplitudeOf(LEVEL_DB - level), amplitudeOf(PEAK_DB) / peak);
  return samples.map((sample) => sample * gain);
}
