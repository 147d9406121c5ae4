/** A real call played back: its steps on the clock of the call, what lies over the canvas then, and which recording sounds. */
import type { CallPath, CallStep } from "./analytics";
import { passKey } from "./coverage";
import type { EdgeOverlay, NodeOverlay, Overlay } from "./overlay";

export interface CallRecording {
  readonly id: string;
  readonly call: string;
  readonly mailbox?: string;
  readonly media_type: string;
  /** Seconds. */
  readonly duration: number;
  /** When its sound begins. */
  readonly started: string;
}

/** A recording on the clock of its call, in seconds. */
export interface Sound {
  readonly id: string;
  readonly start: number;
  readonly duration: number;
}

export const SPEEDS = [1, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];

const secondsFrom = (start: string, time: string): number => Math.max(0, (Date.parse(time) - Date.parse(start)) / 1000) || 0;

/** When each step was, in seconds after the call began; never before the one in front of it. */
export function stepTimes(call: CallPath): number[] {
  let last = 0;
  return call.steps.map((step) => (last = Math.max(last, secondsFrom(call.started, step.time))));
}

export function sounds(call: CallPath, recordings: readonly CallRecording[]): Sound[] {
  return recordings
    .map(({ id, duration, started }) => ({ id, duration, start: secondsFrom(call.started, started) }))
    .toSorted((a, b) => a.start - b.start);
}

/** How long the replay goes on: to the call's end, its last step, and the end of what was recorded. */
export function lengthOf(call: CallPath, times: readonly number[], recorded: readonly Sound[]): number {
  const ended = call.ended ? secondsFrom(call.started, call.ended) : 0;
  return Math.max(ended, times.at(-1) ?? 0, ...recorded.map((sound) => sound.start + sound.duration));
}

/** The step that the caller was in at a moment: the last one that had happened; the first before that. */
export function stepAt(times: readonly number[], moment: number): number {
  let found = 0;
  for (let index = 0; index < times.length; index += 1) {
    if ((times[index] ?? 0) <= moment + 1e-9) found = index;
    else break;
  }
  return found;
}

/** The recording that sounds at a moment; the later of two that overlap. */
export const soundAt = (recorded: readonly Sound[], moment: number): Sound | undefined =>
  recorded.findLast((sound) => moment >= sound.start && moment < sound.start + sound.duration);

/** Where a caller stands after a step; the last step leads out, and the caller was last seen where it came from. */
export const placeAfter = (step: CallStep | undefined): string | null => (step ? step.to || step.from || null : null);

export interface ReplayWords {
  here: string;
  /** The numbers of the steps at which the caller was there. */
  been(steps: readonly number[]): string;
}

/** The path so far: each node with the numbers of the steps that led to it, and where the caller is. */
export function pathOverlay(steps: readonly CallStep[], at: number, flow: string, words: ReplayWords): Overlay {
  const visits = new Map<string, number[]>();
  const edges = new Map<string, number[]>();
  const push = (map: Map<string, number[]>, key: string, n: number): unknown => map.set(key, [...(map.get(key) ?? []), n]);
  steps.slice(0, at + 1).forEach((step, index) => {
    if (step.flow !== flow) return;
    if (step.to) push(visits, step.to, index + 1);
    if (step.from && step.to) push(edges, passKey(step), index + 1);
  });
  const nodes = new Map<string, NodeOverlay>([...visits].map(([id, numbers]) => [id, { tone: "passed", badge: numbers.join(", "), title: words.been(numbers) }]));
  const here = steps[at]?.flow === flow ? placeAfter(steps[at]) : null;
  if (here) {
    const badge = visits.get(here)?.join(", ");
    nodes.set(here, { tone: "current", title: words.here, ...(badge ? { badge } : {}) });
  }
  const lines = [...edges].map(([key, numbers]): [string, EdgeOverlay] => [key, { tone: "passed", title: words.been(numbers) }]);
  return { nodes: Object.fromEntries(nodes), edges: Object.fromEntries(lines) };
}

/** Business fields as they stand after a step, with those that it set. */
export function fieldsAfter(steps: readonly CallStep[], at: number): { name: string; value: unknown; fresh: boolean }[] {
  const known = new Map<string, unknown>();
  for (const step of steps.slice(0, at + 1)) for (const [name, value] of Object.entries(step.fields ?? {})) known.set(name, value);
  const now = steps[at]?.fields ?? {};
  return [...known].map(([name, value]) => ({ name, value, fresh: Object.hasOwn(now, name) }));
}

/** Where a replay is. `at` is the step; steps of one moment are gone through one by one by hand. */
export interface Playback {
  readonly moment: number;
  readonly at: number;
  readonly playing: boolean;
  readonly speed: Speed;
  /** Leaves out what is longer than a short wait while nothing sounds. */
  readonly skipWaits: boolean;
}

export interface Reel {
  readonly times: readonly number[];
  readonly recorded: readonly Sound[];
  readonly length: number;
}

export const atStart: Playback = { moment: 0, at: 0, playing: false, speed: 1, skipWaits: true };

/** A wait that is left out still shows for this long before what comes next. */
const SHORT_WAIT = 1.5;

export function toStep(playback: Playback, reel: Reel, step: number): Playback {
  const at = Math.max(0, Math.min(reel.times.length - 1, step));
  return { ...playback, at, moment: reel.times[at] ?? 0 };
}

export function toMoment(playback: Playback, reel: Reel, moment: number): Playback {
  const clamped = Math.max(0, Math.min(reel.length, moment));
  return { ...playback, moment: clamped, at: stepAt(reel.times, clamped) };
}

/** At the end playing begins anew. */
export function play(playback: Playback, reel: Reel): Playback {
  return { ...(playback.moment >= reel.length ? toStep(playback, reel, 0) : playback), playing: true };
}

/** Lets seconds of the watcher's time pass. */
export function advance(playback: Playback, reel: Reel, seconds: number): Playback {
  let moment = playback.moment + seconds * playback.speed;
  if (playback.skipWaits && !soundAt(reel.recorded, moment)) {
    const next = Math.min(reel.length, ...reel.times.filter((time) => time > moment), ...reel.recorded.map((sound) => sound.start).filter((start) => start > moment));
    moment = Math.max(moment, next - SHORT_WAIT * playback.speed);
  }
  const ended = moment >= reel.length;
  moment = Math.min(moment, reel.length);
  return { ...playback, moment, at: Math.max(playback.at, stepAt(reel.times, moment)), playing: !ended };
}
