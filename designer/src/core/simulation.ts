/** A simulated call as the author follows it: the conversation, the steps, where the caller is and what is awaited. */
import { own } from "./flow";

export interface PathStep {
  readonly flow: string;
  readonly from: string;
  readonly port: string;
  readonly to: string;
  readonly reason: string;
  readonly t: number;
}

export type Awaited = "input" | "record" | "transfer";

export type CallerInput =
  | { readonly dtmf: string }
  | { readonly say: string }
  | { readonly noinput: true }
  | { readonly hangup: true }
  | { readonly record: number; readonly end: string }
  | { readonly transfer: string; readonly after?: number };

export type Entry =
  | { readonly kind: "prompt"; readonly t: number; readonly text: string; readonly audio: readonly string[]; readonly lang: string }
  | { readonly kind: "caller"; readonly input: CallerInput }
  | { readonly kind: "step"; readonly t: number; readonly step: PathStep }
  | { readonly kind: "event"; readonly t: number; readonly event: string; readonly detail: Readonly<Record<string, unknown>> }
  | { readonly kind: "problem"; readonly message: unknown };

export interface Simulation {
  readonly state: "idle" | "running" | "ended" | "lost";
  readonly entries: readonly Entry[];
  readonly path: readonly PathStep[];
  readonly current: string | null;
  readonly awaiting: Awaited | null;
}

export const idle: Simulation = { state: "idle", entries: [], path: [], current: null, awaiting: null };
export const started: Simulation = { ...idle, state: "running" };

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

type Message = Readonly<Record<string, unknown>>;
type Handler = (simulation: Simulation, message: Message, t: number) => Simulation;

const add = (simulation: Simulation, entry: Entry): Simulation => ({
  ...simulation,
  entries: [...simulation.entries, entry],
});

const EVENTS: Readonly<Record<string, Handler>> = {
  prompt: (simulation, m, t) =>
    add(simulation, { kind: "prompt", t, text: text(m["text"]), audio: texts(m["audio"]), lang: text(m["lang"]) }),
  listen: (simulation) => simulation,
  exit: (simulation, m, t) => ({ ...event(simulation, m, t), state: "ended", awaiting: null }),
};

function event(simulation: Simulation, message: Message, t: number): Simulation {
  const { type: _type, t: _t, event: name, ...detail } = message;
  // The ports and fields that a compiled document logs are shown as steps; as log lines they would be said twice.
  if (name === "log" && text(detail["label"]).startsWith("vxmlplat.")) return simulation;
  return add(simulation, { kind: "event", t, event: text(name), detail });
}

const MESSAGES: Readonly<Record<string, Handler>> = {
  event: (simulation, m, t) => (own(EVENTS, text(m["event"])) ?? event)(simulation, m, t),
  step: (simulation, m, t) => {
    const step: PathStep = {
      flow: text(m["flow"]),
      from: text(m["from"]),
      port: text(m["port"]),
      to: text(m["to"]),
      reason: text(m["reason"]),
      t,
    };
    return { ...add(simulation, { kind: "step", t, step }), path: [...simulation.path, step], current: step.to || null };
  },
  waiting: (simulation, m) => ({ ...simulation, awaiting: (text(m["for"]) || "input") as Awaited }),
  problem: (simulation, m) => ({
    ...add(simulation, { kind: "problem", message: m["message"] ?? m["problems"] ?? m }),
    state: "ended",
    awaiting: null,
  }),
};

/** Takes one message of the server; an unknown one changes nothing, so that an older page works with a newer server. */
export function receive(simulation: Simulation, message: Message): Simulation {
  const handler = own(MESSAGES, text(message["type"]));
  return handler ? handler(simulation, message, number(message["t"])) : simulation;
}

export function callerDid(simulation: Simulation, input: CallerInput): Simulation {
  return { ...add(simulation, { kind: "caller", input }), awaiting: null };
}

export const connectionLost = (simulation: Simulation): Simulation =>
  simulation.state === "running" ? { ...simulation, state: "lost", awaiting: null } : simulation;

/** Nodes and edges that the caller has passed in this flow, for the canvas. */
export function visited(path: readonly PathStep[], flow: string): { nodes: Set<string>; edges: Set<string> } {
  const here = path.filter((step) => step.flow === flow || step.flow === "");
  return {
    nodes: new Set(here.map((step) => step.to).filter(Boolean)),
    edges: new Set(here.filter((step) => step.from).map((step) => `${step.from}|${step.port}`)),
  };
}
