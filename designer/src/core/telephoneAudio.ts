/** Sound as telephones have it: µ-law (ITU-T G.711) at 8 kHz, and the way there from the rate of a sound card. */
export const TELEPHONE_RATE = 8000;
/** Samples of 20 ms: one packet. */
export const FRAME = 160;

const BIAS = 0x84;
const CLIP = 32635;

function encode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  let exponent = 7;
  for (let mask = 0x4000; (magnitude & mask) === 0 && exponent > 0; mask >>= 1) exponent -= 1;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

function decode(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + BIAS) << ((code >> 4) & 7)) - BIAS;
  return code & 0x80 ? -magnitude : magnitude;
}

const DECODED = Float32Array.from({ length: 256 }, (_, byte) => decode(byte) / 32768);

/** Samples from -1 to 1 as µ-law. */
export function toMuLaw(samples: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) bytes[i] = encode(Math.round((samples[i] ?? 0) * 32767));
  return bytes;
}

export function fromMuLaw(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) samples[i] = DECODED[bytes[i] ?? 0xff] ?? 0;
  return samples;
}

/** How loud samples are, from 0 to 1: their root mean square on a scale that the ear would draw (-60 dB to 0 dB). */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms < 0.001 ? 0 : Math.min(1, 1 + Math.log10(rms) / 3);
}

/** Half the length of the filter, in samples of the slower side. */
const REACH = 12;
const STEPS = 64;

/** Brings a stream of samples from one rate to another with a windowed sinc, so that nothing folds back into the band. */
export class Resampler {
  readonly #ratio: number;
  readonly #half: number;
  readonly #kernel: Float32Array;
  #held = new Float32Array(0);
  /** Where the next sample out lies in what is held. */
  #at: number;

  constructor(from: number, to: number) {
    this.#ratio = from / to;
    const narrow = Math.min(1, to / from);
    this.#half = Math.ceil(REACH / narrow);
    this.#at = this.#half;
    this.#held = new Float32Array(this.#half);
    const cutoff = 0.92 * narrow;
    this.#kernel = Float32Array.from({ length: this.#half * STEPS + 2 }, (_, index) => {
      const x = index / STEPS;
      if (x >= this.#half) return 0;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / this.#half);
      const angle = Math.PI * cutoff * x;
      return cutoff * window * (x === 0 ? 1 : Math.sin(angle) / angle);
    });
  }

  push(input: Float32Array): Float32Array<ArrayBuffer> {
    const held = new Float32Array(this.#held.length + input.length);
    held.set(this.#held);
    held.set(input, this.#held.length);
    const count = Math.max(0, Math.ceil((held.length - this.#half - this.#at) / this.#ratio));
    const output = new Float32Array(count);
    for (let i = 0; i < count; i += 1) {
      output[i] = this.#sample(held, this.#at);
      this.#at += this.#ratio;
    }
    const drop = Math.max(0, Math.floor(this.#at) - this.#half);
    this.#held = held.slice(drop);
    this.#at -= drop;
    return output;
  }

  #sample(held: Float32Array, at: number): number {
    const first = Math.max(0, Math.ceil(at - this.#half));
    const last = Math.min(held.length - 1, Math.floor(at + this.#half));
    let sum = 0;
    for (let k = first; k <= last; k += 1) {
      const place = Math.abs(at - k) * STEPS;
      const index = Math.floor(place);
      const near = this.#kernel[index] ?? 0;
      sum += (held[k] ?? 0) * (near + ((this.#kernel[index + 1] ?? 0) - near) * (place - index));
    }
    return sum;
  }
}

/** Holds a little sound ready, so that packets that come unevenly are heard evenly. All lengths are in samples. */
export class PlayoutBuffer {
  readonly #ready: number;
  readonly #most: number;
  #parts: Float32Array[] = [];
  #offset = 0;
  #playing = false;
  length = 0;

  constructor(rate: number, readyMs = 60, mostMs = 160) {
    this.#ready = (rate * readyMs) / 1000;
    this.#most = (rate * mostMs) / 1000;
  }

  push(samples: Float32Array): void {
    this.#parts.push(samples);
    this.length += samples.length;
    if (this.length > this.#most) this.#drop(this.length - this.#ready);
    if (this.length >= this.#ready) this.#playing = true;
  }

  /** Fills the output; what is not there is silence, and then some is gathered again before it goes on. */
  pull(output: Float32Array): void {
    output.fill(0);
    if (!this.#playing) return;
    let filled = 0;
    while (filled < output.length) {
      const part = this.#parts[0];
      if (!part) {
        this.#playing = false;
        return;
      }
      const taken = part.subarray(this.#offset, this.#offset + output.length - filled);
      output.set(taken, filled);
      filled += taken.length;
      this.#forward(taken.length);
    }
  }

  #drop(samples: number): void {
    for (let left = Math.floor(samples); left > 0; ) {
      const part = this.#parts[0];
      if (!part) return;
      const step = Math.min(left, part.length - this.#offset);
      this.#forward(step);
      left -= step;
    }
  }

  #forward(samples: number): void {
    this.#offset += samples;
    this.length -= samples;
    if (this.#offset >= (this.#parts[0]?.length ?? 0)) {
      this.#parts.shift();
      this.#offset = 0;
    }
  }
}
