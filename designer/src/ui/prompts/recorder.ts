/** The author's microphone. What it takes becomes a WAV file, which the server reads whatever the browser records. */
import { useCallback, useEffect, useRef, useState } from "react";
import { encodeWav } from "../../core/wav";
import { SAMPLE_RATE, decode } from "./sound";

export interface Recorder {
  readonly recording: boolean;
  /** Seconds since the recording began. */
  readonly seconds: number;
  start(): Promise<void>;
  stop(): void;
}

export function useRecorder(onTake: (wav: Blob) => void, onFailure: (reason: string) => void): Recorder {
  const [recording, setRecording] = useState(false);
  const [seconds, setSeconds] = useState(0);
  const recorder = useRef<MediaRecorder | null>(null);
  const there = useRef(true);

  const release = useCallback(() => {
    recorder.current?.stream.getTracks().forEach((track) => track.stop());
    recorder.current = null;
  }, []);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
      release();
    };
  }, [release]);

  useEffect(() => {
    if (!recording) return undefined;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [recording]);

  const start = async (): Promise<void> => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
      const own = new MediaRecorder(stream);
      recorder.current = own;
      if (!there.current) return release();
      const parts: Blob[] = [];
      own.addEventListener("dataavailable", (event) => parts.push(event.data));
      own.addEventListener("stop", () => {
        release();
        if (!there.current) return;
        setRecording(false);
        new Blob(parts)
          .arrayBuffer()
          .then(decode)
          .then((samples) => onTake(new Blob([encodeWav(samples, SAMPLE_RATE)], { type: "audio/wav" })))
          .catch((error: unknown) => onFailure(String(error)));
      });
      setSeconds(0);
      own.start();
      setRecording(true);
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return { recording, seconds, start, stop: () => recorder.current?.stop() };
}
