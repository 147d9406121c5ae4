/** The simulator and debugger of the flow that is edited: what the author asks of them, apart from any view. */
import { type StoreApi, createStore } from "zustand/vanilla";
import { Breakpoints, type Memory } from "./breakpoints";
import type { Editor } from "./editor";
import type { Overlay, NodeOverlay } from "./overlay";
import { type CallerInput, type Message, type Simulation, connectionLost, currentNode, idle, receive, started, visited } from "./simulation";

export type Pace = "virtual" | "real" | "voice";

export const FAULT_KINDS = ["error", "timeout", "status", "answer"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A web service that is to fail, or to answer what the author says. */
export interface Fault {
  /** The node that asks; empty: every one. */
  readonly node: string;
  readonly kind: FaultKind;
  readonly status: number;
  /** The answer's JSON as the author writes it. */
  readonly value: string;
}

export interface CallSetup {
  readonly ani: string;
  readonly dnis: string;
  /** Local date and time of the call; empty: now. */
  readonly now: string;
  readonly pace: Pace;
  /** Stop on entering the first node. */
  readonly pause: boolean;
  readonly faults: readonly Fault[];
}

export const newSetup: CallSetup = { ani: "+8613800000000", dnis: "12319", now: "", pace: "virtual", pause: false, faults: [] };

export interface DebuggingState {
  readonly simulation: Simulation;
  readonly setup: CallSetup;
  /** The pace of the call that runs or ran last, and when it pretended to begin. */
  readonly pace: Pace;
  readonly began: string;
  /** Milliseconds to the server and back, in a spoken call. */
  readonly trip: number;
}

/** A line to the server: what goes out, and what comes in by the functions that opened it. */
export interface Wire {
  send(message: Message): void;
  sendAudio(frame: Uint8Array<ArrayBuffer>): void;
  close(): void;
}
export interface WireEnds {
  opened(): void;
  received(messages: readonly Message[]): void;
  audio(frame: ArrayBuffer): void;
  closed(): void;
}
export type OpenWire = (ends: WireEnds) => Wire;

/** The browser's microphone and loudspeaker, for a spoken call. */
export interface Speech {
  /** Resolves when audio flows; rejects with a `VoiceError` that says what is missing. */
  start(send: (frame: Uint8Array<ArrayBuffer>) => void): Promise<void>;
  play(frame: ArrayBuffer): void;
  stop(): void;
}

/** `2026-01-05T09:00` as the page's input gives it, with the offset of this place. */
export function withOffset(local: string): string | null {
  if (!local) return null;
  const date = new Date(local);
  if (Number.isNaN(date.getTime())) return null;
  const minutes = -date.getTimezoneOffset();
  const part = (n: number): string => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${local.length === 16 ? `${local}:00` : local}${minutes < 0 ? "-" : "+"}${part(minutes / 60)}:${part(minutes % 60)}`;
}

/** A fault as the server takes it; an answer that is no JSON is a text. */
export function faultMessage({ node, kind, status, value }: Fault): Message {
  const who = node ? { node } : {};
  if (kind === "status") return { kind, status, ...who };
  if (kind !== "answer") return { kind, ...who };
  try {
    return { kind, value: JSON.parse(value) as unknown, ...who };
  } catch {
    return { kind, value, ...who };
  }
}

const PING_MS = 2000;

export class Debugging {
  readonly store: StoreApi<DebuggingState>;
  readonly breakpoints: Breakpoints;
  readonly #editor: Editor;
  readonly #open: OpenWire;
  readonly #speech: Speech;
  readonly #now: () => Date;
  #wire: Wire | null = null;
  #pinged = 0;

  constructor(editor: Editor, open: OpenWire, speech: Speech, memory: Memory, now: () => Date = () => new Date()) {
    this.#editor = editor;
    this.#open = open;
    this.#speech = speech;
    this.#now = now;
    this.breakpoints = new Breakpoints(memory, editor.flow.id);
    this.store = createStore<DebuggingState>()(() => ({ simulation: idle, setup: newSetup, pace: "virtual", began: "", trip: 0 }));
    this.breakpoints.store.subscribe(() => {
      this.#change(({ simulation }) => ({ simulation: { ...simulation, faults: {} } }));
      this.#send({ type: "breakpoints", breakpoints: this.breakpoints.active(editor.flow) });
    });
  }

  get state(): DebuggingState {
    return this.store.getState();
  }
  get running(): boolean {
    return this.state.simulation.state === "running";
  }
  get paused(): boolean {
    return this.running && this.state.simulation.paused !== null;
  }
  /** Whether there is a call to step back in: one that runs, or has ended. */
  get canGoBack(): boolean {
    return this.#wire !== null && this.state.simulation.steps.length > 1 && this.state.pace !== "voice";
  }

  setSetup(change: Partial<CallSetup>): void {
    this.#change(({ setup }) => ({ setup: { ...setup, ...change } }));
    if (change.faults && this.running) this.#send({ type: "faults", faults: change.faults.map(faultMessage) });
  }

  /** Calls the draft as it is now; a call that runs is ended. */
  start(): void {
    this.hangUp();
    const { setup } = this.state;
    const now = withOffset(setup.now);
    this.#change(() => ({ simulation: started, pace: setup.pace, began: now ?? this.#now().toISOString() }));
    const begin = (): void => {
      wire.send({
        type: "start",
        flow: this.#editor.flow,
        ani: setup.ani,
        dnis: setup.dnis,
        now,
        time: setup.pace,
        pause: setup.pause,
        faults: setup.faults.map(faultMessage),
        breakpoints: this.breakpoints.active(this.#editor.flow),
      });
    };
    const wire = this.#open({
      opened: () => {
        if (this.#wire !== wire) return;
        if (setup.pace !== "voice") {
          begin();
          return;
        }
        this.#speech.start((frame) => wire.sendAudio(frame)).then(
          () => this.#wire === wire && begin(),
          (error: unknown) => {
            if (this.#wire !== wire) return;
            this.#close();
            this.#receive([{ type: "problem", code: "voice", message: error }]);
          },
        );
      },
      received: (messages) => this.#wire === wire && this.#receive(messages),
      audio: (frame) => {
        if (this.#wire !== wire) return;
        this.#speech.play(frame);
        this.#ping();
      },
      closed: () => {
        if (this.#wire !== wire) return;
        this.#wire = null;
        this.#speech.stop();
        this.#change(({ simulation }) => ({ simulation: connectionLost(simulation) }));
      },
    });
    this.#wire = wire;
  }

  /** Ends the call and lets go of the line; what was heard stays. */
  hangUp(): void {
    this.#send({ type: "stop" });
    this.#close();
    this.#change(({ simulation }) =>
      simulation.state === "running" ? { simulation: { ...simulation, state: "ended", awaiting: null, timer: null, paused: null } } : {},
    );
  }

  /** Forgets the call; the canvas is as before. */
  clear(): void {
    this.hangUp();
    this.#change(() => ({ simulation: idle }));
  }

  input(input: CallerInput): void {
    this.#send({ type: "input", ...input });
  }
  pauseOrContinue(): void {
    this.#send({ type: this.paused ? "continue" : "pause" });
  }
  step(): void {
    this.#send({ type: "step" });
  }
  runTo(node: string): void {
    this.#send({ type: "run_to", node });
  }
  back(step?: number): void {
    this.#send(step === undefined ? { type: "back" } : { type: "back", step });
  }
  forget(): void {
    this.#send({ type: "forget" });
  }
  assign(name: string, value: string): void {
    this.#send({ type: "set", name, value });
  }

  /** Asks how long the way to the server is, from time to time. */
  #ping(): void {
    const at = this.#now().getTime();
    if (at - this.#pinged < PING_MS) return;
    this.#pinged = at;
    this.#send({ type: "ping", at });
  }
  #send(message: Message): void {
    this.#wire?.send(message);
  }
  #close(): void {
    const wire = this.#wire;
    this.#wire = null;
    this.#speech.stop();
    wire?.close();
  }
  #receive(messages: readonly Message[]): void {
    const pong = messages.findLast((message) => message["type"] === "pong");
    if (typeof pong?.["at"] === "number") {
      const trip = this.#now().getTime() - pong["at"];
      this.#change(() => ({ trip }));
    }
    const before = this.state.simulation;
    const after = messages.reduce(receive, before);
    if (after === before) return;
    this.#change(() => ({ simulation: after }));
    if (after.state === "ended" && this.state.pace === "voice") this.#speech.stop();
  }
  #change(change: (state: DebuggingState) => Partial<DebuggingState>): void {
    this.store.setState(change(this.state));
  }
}

export interface PathWords {
  readonly here: string;
  readonly paused: string;
  been(times: number): string;
  breakpoint(condition: string, fault: string): string;
}

/** The path of the call for the canvas: where the caller is, and has been. */
export function pathOverlay(simulation: Simulation, flow: string, words: PathWords): Overlay {
  const { nodes, edges } = visited(simulation.steps, flow);
  const here = simulation.state === "running" ? currentNode(simulation, flow) : null;
  const marks = new Map<string, NodeOverlay>();
  for (const [node, times] of nodes) {
    marks.set(node, { tone: "passed", title: words.been(times), ...(times > 1 ? { badge: `${times}×` } : {}) });
  }
  if (here) marks.set(here, { tone: "current", title: simulation.paused ? words.paused : words.here, ...(simulation.paused ? { badge: "❚❚" } : {}) });
  return { nodes: Object.fromEntries(marks), edges: Object.fromEntries([...edges].map((edge) => [edge, { tone: "passed" as const }])) };
}

export function breakpointOverlay(breakpoints: Breakpoints, simulation: Simulation, flow: string, words: PathWords): Overlay {
  const nodes = breakpoints.store
    .getState()
    .filter((one) => one.enabled)
    .map(({ node, condition }): [string, NodeOverlay] => {
      const fault = simulation.faults[`${flow}|${node}`] ?? "";
      return [node, { tone: "breakpoint", title: words.breakpoint(condition, fault), ...(fault ? { badge: "!" } : condition ? { badge: "?" } : {}) }];
    });
  return { nodes: Object.fromEntries(nodes), edges: {} };
}
