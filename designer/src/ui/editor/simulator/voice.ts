/** The browser's microphone and loudspeaker at the ends of a telephone line. */
import { type StoreApi, createStore } from "zustand/vanilla";
import type { Speech } from "../../../core/debugging";
import workletUrl from "./voiceWorklet.ts?worker&url";

export const VOICE_FAULTS = ["denied", "missing", "busy", "insecure", "unsupported"] as const;
export type VoiceFault = (typeof VOICE_FAULTS)[number];

/** Why there is no sound; the texts `simulator.voice.FAULT` say it. */
export class VoiceError extends Error {
  constructor(readonly fault: VoiceFault) {
    super(fault);
    this.name = "VoiceError";
  }
}

export interface VoiceState {
  readonly connected: boolean;
  readonly muted: boolean;
  /** How loud the microphone and the platform are, from 0 to 1. */
  readonly spoken: number;
  readonly heard: number;
  /** Sound that is held ready, in milliseconds. */
  readonly buffered: number;
}
const silent: VoiceState = { connected: false, muted: false, spoken: 0, heard: 0, buffered: 0 };

/** The names of what `getUserMedia` throws (Media Capture and Streams §10). */
const FAULTS: Readonly<Record<string, VoiceFault>> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

async function microphone(): Promise<MediaStream> {
  if (!window.isSecureContext) throw new VoiceError("insecure");
  // An older browser has no such member, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices || typeof AudioWorkletNode === "undefined") throw new VoiceError("unsupported");
  try {
    return await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (error) {
    throw new VoiceError(FAULTS[error instanceof DOMException ? error.name : ""] ?? "unsupported");
  }
}

const METER_MS = 100;

export class BrowserSpeech implements Speech {
  readonly store: StoreApi<VoiceState> = createStore<VoiceState>()(() => silent);
  #audio: AudioContext | null = null;
  #stream: MediaStream | null = null;
  #playback: AudioWorkletNode | null = null;

  async start(send: (frame: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    this.stop();
    const stream = await microphone();
    const audio = new AudioContext({ latencyHint: "interactive" });
    this.#audio = audio;
    this.#stream = stream;
    try {
      await audio.audioWorklet.addModule(workletUrl);
    } catch {
      throw new VoiceError("unsupported");
    }
    if (this.#audio !== audio) return; // The call ended meanwhile.
    const capture = new AudioWorkletNode(audio, "vxmlplat-capture", { numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1 });
    const playback = new AudioWorkletNode(audio, "vxmlplat-playback", { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1] });
    let spoken = 0;
    let told = 0;
    capture.port.onmessage = ({ data }: MessageEvent<{ frame: Uint8Array<ArrayBuffer>; level: number }>) => {
      const { muted } = this.store.getState();
      // A muted telephone goes on sending, or the line would seem dead: µ-law silence.
      send(muted ? data.frame.fill(0xff) : data.frame);
      spoken = Math.max(spoken, muted ? 0 : data.level);
      if (performance.now() - told < METER_MS) return;
      told = performance.now();
      this.store.setState({ spoken });
      spoken = 0;
    };
    playback.port.onmessage = ({ data }: MessageEvent<{ level: number; buffered: number }>) => this.store.setState({ heard: data.level, buffered: data.buffered });
    audio.createMediaStreamSource(stream).connect(capture);
    playback.connect(audio.destination);
    await audio.resume();
    this.#playback = playback;
    this.store.setState({ connected: true });
  }

  play(frame: ArrayBuffer): void {
    this.#playback?.port.postMessage(frame, [frame]);
  }

  mute(muted: boolean): void {
    this.store.setState({ muted });
  }

  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    void this.#audio?.close();
    this.#audio = this.#stream = this.#playback = null;
    this.store.setState(silent, true);
  }
}
