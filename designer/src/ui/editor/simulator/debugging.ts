/** The simulator of the page: one for each editor, on a WebSocket (docs/api.md, "Simulator"). */
import { useStore } from "zustand";
import { Debugging, type DebuggingState, type OpenWire } from "../../../core/debugging";
import type { Editor } from "../../../core/editor";
import type { Message } from "../../../core/simulation";
import { useActionContext } from "../context";
import { BrowserSpeech } from "./voice";

/** Messages that come in one frame of the screen are taken together: a call in virtual time sends hundreds at once. */
const GATHER_MS = 16;

const openSocket: OpenWire = (ends) => {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/simulator`);
  socket.binaryType = "arraybuffer";
  let gathered: Message[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hand = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const messages = gathered;
    gathered = [];
    if (messages.length) ends.received(messages);
  };
  socket.addEventListener("open", () => ends.opened());
  socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== "string") {
      ends.audio(data);
      return;
    }
    try {
      gathered.push(JSON.parse(data) as Message);
    } catch {
      return; // The server sends JSON only; anything else is not for us.
    }
    timer ??= setTimeout(hand, GATHER_MS);
  });
  socket.addEventListener("close", () => {
    hand();
    ends.closed();
  });
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  return {
    send: (message) => isOpen() && socket.send(JSON.stringify(message)),
    sendAudio: (frame) => isOpen() && socket.send(frame),
    close: () => socket.close(),
  };
};

interface Made {
  readonly debugging: Debugging;
  readonly speech: BrowserSpeech;
}
const made = new WeakMap<Editor, Made>();

function of(editor: Editor): Made {
  const known = made.get(editor);
  if (known) return known;
  const speech = new BrowserSpeech();
  const one = { speech, debugging: new Debugging(editor, openSocket, speech, localStorage) };
  made.set(editor, one);
  return one;
}

export const debuggingOf = (editor: Editor): Debugging => of(editor).debugging;

export const useDebugging = (): Debugging => useActionContext().host.debugging;
export const useSpeech = (): BrowserSpeech => of(useActionContext().editor).speech;

export function useDebuggingState<T>(select: (state: DebuggingState) => T): T {
  return useStore(useDebugging().store, select);
}
