/** The simulated call over its WebSocket. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Editor } from "../../../core/editor";
import { type CallerInput, type Simulation, callerDid, connectionLost, idle, receive, started } from "../../../core/simulation";

export interface CallSetup {
  readonly ani: string;
  readonly dnis: string;
  /** Local date and time of the call; empty: now. */
  readonly now: string;
}

export interface SimulatorHandle {
  readonly simulation: Simulation;
  readonly setup: CallSetup;
  setSetup(setup: CallSetup): void;
  start(): void;
  send(input: CallerInput): void;
  stop(): void;
}

/** `2026-01-05T09:00` as the page's input gives it, with the offset of this place. */
export function withOffset(local: string): string | null {
  if (!local) return null;
  const minutes = -new Date(local).getTimezoneOffset();
  const part = (n: number): string => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${local}:00${minutes < 0 ? "-" : "+"}${part(minutes / 60)}:${part(minutes % 60)}`;
}

export function useSimulator(editor: Editor): SimulatorHandle {
  const [simulation, setSimulation] = useState<Simulation>(idle);
  const [setup, setSetup] = useState<CallSetup>({ ani: "+8613800000000", dnis: "12319", now: "" });
  const socket = useRef<WebSocket | null>(null);

  const stop = useCallback(() => {
    const open = socket.current;
    socket.current = null;
    if (open?.readyState === WebSocket.OPEN) open.send(JSON.stringify({ type: "stop" }));
    open?.close();
    setSimulation((before) => (before.state === "running" ? { ...before, state: "ended", awaiting: null } : before));
  }, []);

  const start = useCallback(() => {
    stop();
    setSimulation(started);
    const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/simulator`);
    socket.current = opened;
    opened.addEventListener("open", () => {
      opened.send(JSON.stringify({ type: "start", flow: editor.flow, ani: setup.ani, dnis: setup.dnis, now: withOffset(setup.now) }));
    });
    opened.addEventListener("message", (event) => {
      if (socket.current !== opened) return;
      let message: Record<string, unknown>;
      try {
        message = JSON.parse(String(event.data)) as Record<string, unknown>;
      } catch {
        return; // The server sends JSON only; anything else is not for us.
      }
      setSimulation((before) => receive(before, message));
    });
    opened.addEventListener("close", () => {
      if (socket.current === opened) setSimulation(connectionLost);
    });
  }, [editor, setup, stop]);

  const send = useCallback((input: CallerInput) => {
    if (socket.current?.readyState !== WebSocket.OPEN) return;
    socket.current.send(JSON.stringify({ type: "input", ...input }));
    setSimulation((before) => callerDid(before, input));
  }, []);

  useEffect(() => stop, [stop]);
  return { simulation, setup, setSetup, start, send, stop };
}
