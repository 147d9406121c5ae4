/** A simulated call as the author follows it: step by step what was heard and done, the variables, where the caller is. */
import type { SimulatedRun } from "./conversationTests";
import { own } from "./flow";

export type Message = Readonly<Record<string, unknown>>;
export type Awaited = "input" | "record" | "transfer";

export type CallerInput =
  | { readonly dtmf: string }
  | { readonly say: string }
  | { readonly noinput: true }
  | { readonly hangup: true }
  | { readonly record: number; readonly end: string }
  | { readonly transfer: string; readonly after?: number };

export interface SpokenPart {
  readonly lang: string;
  readonly text: string;
  /** The address of a recording; the text is then what stands beside it. */
  readonly audio: string;
}

export interface HeardGrammar {
  readonly mode: "dtmf" | "voice";
  readonly phrases: readonly string[];
  /** What is listened to where there are too many phrases to name. */
  readonly pattern: string;
}

export type Entry =
  | { readonly kind: "prompt"; readonly t: number; readonly parts: readonly SpokenPart[] }
  | { readonly kind: "listen"; readonly t: number; readonly grammars: readonly HeardGrammar[]; readonly timeout: number }
  | { readonly kind: "caller"; readonly t: number; readonly input: CallerInput }
  | { readonly kind: "event"; readonly t: number; readonly event: string; readonly detail: Readonly<Record<string, unknown>> }
  | { readonly kind: "left"; readonly t: number; readonly flow: string; readonly reason: string }
  | { readonly kind: "problem"; readonly t: number; readonly message: unknown };

export interface VariablePlace {
  readonly scope: string;
  readonly name: string;
}
export interface Variable extends VariablePlace {
  readonly kind: string;
  readonly value: unknown;
}
interface VariableChange {
  readonly changed: readonly Variable[];
  readonly gone: readonly VariablePlace[];
  readonly whole: boolean;
}

/** A node that the caller entered, and everything until the next one. Step 0 is what came before the first node. */
export interface SimulatedStep {
  readonly n: number;
  readonly t: number;
  readonly flow: string;
  readonly from: string;
  readonly port: string;
  readonly to: string;
  readonly reason: string;
  readonly entries: readonly Entry[];
  readonly changes: readonly VariableChange[];
}

export type PauseReason = "start" | "breakpoint" | "step" | "run_to" | "pause" | "back";
export interface Timer {
  readonly kind: "noinput" | "keys";
  readonly seconds: number;
}

export interface Simulation {
  readonly state: "idle" | "running" | "ended" | "lost";
  readonly steps: readonly SimulatedStep[];
  /** What the simulator sent, as far as a test is made of it; cut where the call was stepped back. */
  readonly messages: readonly Message[];
  /** The flows that the caller is in, the innermost last, with the node in each. */
  readonly places: readonly { readonly flow: string; readonly node: string }[];
  readonly awaiting: Awaited | null;
  readonly timer: Timer | null;
  readonly paused: PauseReason | null;
  /** Actions that will be repeated when the call goes on after a step back. */
  readonly ahead: number;
  /** What is wrong with a breakpoint's condition, by `flow|node`. */
  readonly faults: Readonly<Record<string, string>>;
}

const before: SimulatedStep = { n: 0, t: 0, flow: "", from: "", port: "", to: "", reason: "", entries: [], changes: [] };
export const idle: Simulation = {
  state: "idle", steps: [], messages: [], places: [], awaiting: null, timer: null, paused: null, ahead: 0, faults: {},
};
export const started: Simulation = { ...idle, state: "running", steps: [before] };

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): Message[] =>
  Array.isArray(value) ? value.filter((item): item is Message => typeof item === "object" && item !== null && !Array.isArray(item)) : [];
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

type Handler = (simulation: Simulation, message: Message, t: number) => Simulation;

function atLast(simulation: Simulation, change: (step: SimulatedStep) => SimulatedStep): Simulation {
  const steps = simulation.steps.length ? [...simulation.steps] : [before];
  steps[steps.length - 1] = change(steps[steps.length - 1] ?? before);
  return { ...simulation, steps };
}
const add = (simulation: Simulation, entry: Entry): Simulation => atLast(simulation, (step) => ({ ...step, entries: [...step.entries, entry] }));
const kept = (simulation: Simulation, message: Message): Simulation => ({ ...simulation, messages: [...simulation.messages, message] });

function partsOf(message: Message): SpokenPart[] {
  const parts = list(message["parts"]).map((part) => ({ lang: text(part["lang"]), text: text(part["text"]), audio: text(part["audio"]) }));
  if (parts.length) return parts;
  const words = text(message["text"]);
  return [
    ...(words ? [{ lang: text(message["lang"]), text: words, audio: "" }] : []),
    ...texts(message["audio"]).map((audio) => ({ lang: "", text: "", audio })),
  ];
}

const EVENTS: Readonly<Record<string, Handler>> = {
  prompt: (simulation, m, t) => add(simulation, { kind: "prompt", t, parts: partsOf(m) }),
  listen: (simulation, m, t) =>
    add(simulation, {
      kind: "listen",
      t,
      timeout: number(m["timeout"]),
      grammars: list(m["grammars"]).map((one) => ({
        mode: one["mode"] === "voice" ? "voice" : "dtmf",
        phrases: texts(one["phrases"]),
        pattern: text(one["pattern"]),
      })),
    }),
  exit: (simulation, m, t) => ({ ...event(simulation, m, t), state: "ended", awaiting: null, timer: null }),
};

function event(simulation: Simulation, message: Message, t: number): Simulation {
  const { type: _type, t: _t, event: name, ...detail } = message;
  // The ports and fields that a compiled document logs are shown as steps; as log lines they would be said twice.
  if (name === "log" && text(detail["label"]).startsWith("vxmlplat.")) return simulation;
  return add(simulation, { kind: "event", t, event: text(name), detail });
}

function entered(simulation: Simulation, m: Message, t: number): Simulation {
  const flow = text(m["flow"]);
  const step: SimulatedStep = {
    n: number(m["n"]) || simulation.steps.length,
    t,
    flow,
    from: text(m["from"]),
    port: text(m["port"]),
    to: text(m["to"]),
    reason: text(m["reason"]),
    entries: [],
    changes: [],
  };
  const here = { flow, node: step.to };
  // The first step in a flow enters it; every other one moves within it.
  const places = step.from === "" ? [...simulation.places, here] : [...simulation.places.slice(0, -1), here];
  return { ...simulation, steps: [...simulation.steps, step], places, timer: null };
}

function left(simulation: Simulation, m: Message, t: number): Simulation {
  const entry: Entry = { kind: "left", t, flow: text(m["flow"]), reason: text(m["reason"]) };
  return { ...add(simulation, entry), places: simulation.places.slice(0, -1) };
}

const inputOf = (message: Message): CallerInput => {
  const { type: _type, t: _t, ...input } = message;
  return input as unknown as CallerInput;
};

const variable = (one: Message): Variable => ({ scope: text(one["scope"]), name: text(one["name"]), kind: text(one["kind"]), value: one["value"] });

const MESSAGES: Readonly<Record<string, Handler>> = {
  event: (simulation, m, t) => kept((own(EVENTS, text(m["event"])) ?? event)(simulation, m, t), m),
  step: (simulation, m, t) => kept((text(m["to"]) ? entered : left)(simulation, m, t), m),
  input: (simulation, m) => kept(simulation, m),
  caller: (simulation, m, t) => ({ ...add(simulation, { kind: "caller", t, input: inputOf(m) }), awaiting: null, timer: null }),
  waiting: (simulation, m) => ({ ...simulation, awaiting: (text(m["for"]) || "input") as Awaited }),
  timer: (simulation, m) => ({ ...simulation, timer: { kind: m["kind"] === "keys" ? "keys" : "noinput", seconds: number(m["seconds"]) } }),
  variables: (simulation, m) =>
    atLast(simulation, (step) => ({
      ...step,
      changes: [...step.changes, { changed: list(m["changed"]).map(variable), gone: list(m["gone"]).map(variable), whole: m["whole"] === true }],
    })),
  state: (simulation, m) => ({ ...simulation, paused: (text(m["paused"]) || null) as PauseReason | null, ahead: number(m["ahead"]) }),
  rewound: (simulation, m) => rewound(simulation, number(m["step"])),
  breakpoint: (simulation, m) => ({ ...simulation, faults: { ...simulation.faults, [`${text(m["flow"])}|${text(m["node"])}`]: text(m["error"]) } }),
  problem: (simulation, m, t) => {
    const shown = add(simulation, { kind: "problem", t, message: m["message"] ?? m["problems"] ?? m });
    // What makes no sense to the running call is said; what keeps a draft from running ends it before it began.
    return simulation.steps.length > 1 ? shown : { ...shown, state: "ended", awaiting: null };
  },
};

/** The call stands at the entry of a step again. */
function rewound(simulation: Simulation, n: number): Simulation {
  const steps = simulation.steps.filter((step) => step.n <= n).map((step) => (step.n === n ? { ...step, entries: [], changes: [] } : step));
  const isEntry = (message: Message): boolean => message["type"] === "step" && text(message["to"]) !== "";
  let count = 0;
  const end = simulation.messages.findIndex((message) => isEntry(message) && (count += 1) === n);
  const messages = end < 0 ? simulation.messages : simulation.messages.slice(0, end + 1);
  const places = messages
    .filter((message) => message["type"] === "step")
    .reduce<Simulation>((held, message) => (isEntry(message) ? entered : left)(held, message, 0), started).places;
  return { ...simulation, state: "running", steps, messages, places, awaiting: null, timer: null };
}

/** Takes one message of the server; an unknown one changes nothing, so that an older page works with a newer server. */
export function receive(simulation: Simulation, message: Message): Simulation {
  const handler = own(MESSAGES, text(message["type"]));
  return handler ? handler(simulation, message, number(message["t"])) : simulation;
}

export const connectionLost = (simulation: Simulation): Simulation =>
  simulation.state === "running" ? { ...simulation, state: "lost", awaiting: null, timer: null, paused: null } : simulation;

/** Where the caller is, in whichever flow. */
export const placeOf = (simulation: Simulation): { readonly flow: string; readonly node: string } | null => simulation.places.at(-1) ?? null;

/** The node of this flow that the caller is in; a sub-flow is called from it while the caller is further in. */
export const currentNode = (simulation: Simulation, flow: string): string | null =>
  simulation.places.findLast((place) => place.flow === flow || place.flow === "")?.node ?? null;

/** Nodes of this flow that the caller has entered, with how often, and the edges that led there. */
export function visited(steps: readonly SimulatedStep[], flow: string): { nodes: Map<string, number>; edges: Set<string> } {
  const nodes = new Map<string, number>();
  const edges = new Set<string>();
  for (const step of steps) {
    if (!step.to || (step.flow !== flow && step.flow !== "")) continue;
    nodes.set(step.to, (nodes.get(step.to) ?? 0) + 1);
    if (step.from) edges.add(`${step.from}|${step.port}`);
  }
  return { nodes, edges };
}

export interface SeenVariable extends Variable {
  /** Whether this very step set it. */
  readonly changedHere: boolean;
  /** What it held before, when this step changed it. */
  readonly before: unknown;
}

/** The variables as they were when a step was over (or as they are, in the last one). */
export function variablesAt(simulation: Simulation, n: number): SeenVariable[] {
  const values = new Map<string, SeenVariable>();
  let first = true;
  for (const step of simulation.steps) {
    if (step.n > n) break;
    for (const { changed, gone, whole } of step.changes) {
      if (whole) values.clear();
      for (const { scope, name } of gone) values.delete(`${scope}.${name}`);
      for (const one of changed) {
        const known = values.get(`${one.scope}.${one.name}`);
        // What a call begins with, and what is told anew after a step back, are no changes.
        const here = step.n === n && !whole && !first && !(one.kind === "undefined" && !known);
        const before = known?.changedHere ? known.before : known?.value;
        values.set(`${one.scope}.${one.name}`, { ...one, changedHere: here || (known?.changedHere ?? false), before: here ? before : undefined });
      }
      first = false;
    }
  }
  return [...values.values()];
}

/** The keys and phrases that the call listens to now. */
export const listeningTo = (simulation: Simulation): readonly HeardGrammar[] =>
  simulation.steps.at(-1)?.entries.findLast((entry) => entry.kind === "listen")?.grammars ?? [];

/** A key that nothing listens to; the letter keys, which no telephone has, are the last resort. */
export function wrongKey(grammars: readonly HeardGrammar[]): string {
  const keys = grammars.filter((grammar) => grammar.mode === "dtmf");
  const patterned = keys.some((grammar) => grammar.phrases.length === 0);
  const taken = new Set(keys.flatMap((grammar) => grammar.phrases).map((phrase) => phrase[0]));
  return [...(patterned ? "" : "7854632190*#"), ..."ABCD"].find((key) => !taken.has(key)) ?? "D";
}

/** The run as "save as a test" takes it; null while there is nothing to save. */
export function recordedRun(simulation: Simulation, call: { ani: string; dnis: string; now: string }): SimulatedRun | null {
  return simulation.steps.length > 1 ? { messages: simulation.messages, ...call } : null;
}

export const ENTRY_FILTERS = ["talk", "events", "log", "variables"] as const;
export type EntryFilter = (typeof ENTRY_FILTERS)[number];

/** Which of the filters shows an entry; null: it is always shown. */
export function filterOf(entry: Entry): EntryFilter | null {
  if (entry.kind === "prompt" || entry.kind === "caller") return "talk";
  if (entry.kind === "listen") return "events";
  if (entry.kind !== "event") return null;
  if (entry.event === "log") return "log";
  return entry.event === "exit" ? null : "events";
}
