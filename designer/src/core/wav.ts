/** Sound as a WAV file, and as the bars of a waveform. Samples are mono, from -1 to 1. */

const HEADER = 44;

/** A WAV file of 16-bit PCM (RIFF WAVE, format 1). */
export function encodeWav(samples: Float32Array, rate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => [...text].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, n) => view.setInt16(HEADER + n * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 0x7fff), true));
  return bytes;
}

/** The loudest sample of each of `count` equal parts, from 0 to 1. */
export function peaks(samples: Float32Array, count: number): number[] {
  return Array.from({ length: count }, (_part, n) => {
    const end = Math.floor(((n + 1) * samples.length) / count);
    let loudest = 0;
    for (let at = Math.floor((n * samples.length) / count); at < end; at += 1) loudest = Math.max(loudest, Math.abs(samples[at] ?? 0));
    return Math.min(1, loudest);
  });
}

/** `0:07`, `1:02`; what is shorter than ten seconds has its tenths: `3.4 s`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
