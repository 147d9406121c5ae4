/** A debugger whose line leads to the test. */
import type { Memory } from "../src/core/breakpoints";
import { Debugging, type Speech, type WireEnds } from "../src/core/debugging";
import type { Editor } from "../src/core/editor";
import type { Message } from "../src/core/simulation";

export class FakeMemory implements Memory {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

export class FakeLine {
  readonly sent: Message[] = [];
  ends: WireEnds | null = null;
  closed = 0;
  readonly open = (ends: WireEnds) => {
    this.ends = ends;
    return { send: (message: Message) => void this.sent.push(message), sendAudio: () => undefined, close: () => void (this.closed += 1) };
  };
  last(type: string): Message | undefined {
    return this.sent.findLast((message) => message["type"] === type);
  }
}

export const noSpeech: Speech = { start: async () => undefined, play: () => undefined, stop: () => undefined };

export function newDebugging(editor: Editor, line = new FakeLine(), speech = noSpeech, memory: Memory = new FakeMemory()): Debugging {
  return new Debugging(editor, line.open, speech, memory, () => new Date(0));
}
