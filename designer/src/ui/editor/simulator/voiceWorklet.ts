/** Runs on the browser's sound thread: the microphone to telephone frames, and telephone frames to the loudspeaker. */
import { FRAME, PlayoutBuffer, Resampler, TELEPHONE_RATE, fromMuLaw, loudness, toMuLaw } from "../../../core/telephoneAudio";

// What a worklet finds in its scope; the DOM's types do not name it.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Capture extends AudioWorkletProcessor {
  readonly #resampler = new Resampler(sampleRate, TELEPHONE_RATE);
  #pending = new Float32Array(0);

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0];
    if (!samples) return true;
    const narrow = this.#resampler.push(samples);
    const all = new Float32Array(this.#pending.length + narrow.length);
    all.set(this.#pending);
    all.set(narrow, this.#pending.length);
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) {
      const frame = all.subarray(at, at + FRAME);
      const bytes = toMuLaw(frame);
      this.port.postMessage({ frame: bytes, level: loudness(frame) }, [bytes.buffer]);
    }
    this.#pending = all.slice(at);
    return true;
  }
}

/** Reports are sent so many times a second. */
const REPORTS = 10;

class Playback extends AudioWorkletProcessor {
  readonly #resampler = new Resampler(TELEPHONE_RATE, sampleRate);
  readonly #buffer = new PlayoutBuffer(sampleRate);
  #since = 0;
  #level = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.#buffer.push(this.#resampler.push(fromMuLaw(new Uint8Array(data))));
  }

  process(_: Float32Array[][], [output]: Float32Array[][]): boolean {
    const [first, ...others] = output ?? [];
    if (!first) return true;
    this.#buffer.pull(first);
    for (const channel of others) channel.set(first);
    this.#level = Math.max(this.#level, loudness(first));
    this.#since += first.length;
    if (this.#since >= sampleRate / REPORTS) {
      this.port.postMessage({ level: this.#level, buffered: (this.#buffer.length / sampleRate) * 1000 });
      this.#since = this.#level = 0;
    }
    return true;
  }
}

registerProcessor("vxmlplat-capture", Capture);
registerProcessor("vxmlplat-playback", Playback);
