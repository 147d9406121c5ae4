import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallPath, CallStep } from "../src/core/analytics";
import type { Proposal, Result, StoredTest } from "../src/core/conversationTests";
import { coverageOf, missed, shareOf } from "../src/core/coverage";
import type { Flow } from "../src/core/flow";
import { type Playback, type Reel, advance, atStart, fieldsAfter, lengthOf, pathOverlay, play, soundAt, sounds, stepAt, stepTimes, toMoment, toStep } from "../src/core/replay";
import { coverageOverlay, failuresOverlay, proposalOverlay, wayOverlay } from "../src/core/testMarks";
import { STEP_TEMPLATES, type StepKind, withStep } from "../src/core/testText";
import { type TestService, Testing, freeName, runsAlike, stateOf, testCoverage } from "../src/core/testing";
import { sample } from "./samples";

const node = (id: string, x = 0) => ({ id, type: "play", title: "", position: { x, y: 0 }, fields: {} });
const flow: Flow = {
  ...sample,
  id: "f",
  nodes: [node("start"), node("menu"), node("bye")],
  edges: [
    { from: "start", port: "next", to: "menu" },
    { from: "menu", port: "1", to: "bye" },
    { from: "menu", port: "2", to: "bye" },
  ],
};
const step = (from: string, port: string, to: string, inFlow = "f") => ({ t: 0, flow: inFlow, from, port, to, reason: "goto" });
const way = [step("", "", "start"), step("start", "next", "menu"), step("menu", "1", "bye"), step("bye", "", "")];
const result = (name: string, more: Partial<Result> = {}): Result => ({ name, passed: true, failure: null, steps: way, unanswered: [], seconds: 0.01, ...more });
const failed = (name: string, at: string): Result =>
  result(name, { passed: false, failure: { step: 1, line: 4, expected: "x", message: { "en-US": "no" }, node: at, heard: [] }, steps: way.slice(0, 2) });
const words = { passedBy: (tests: readonly string[]) => `by ${tests.join()}`, missed: "missed", onTheWay: "way", failed: (names: readonly string[]) => `failed ${names.join()}`, wouldPass: "would" };

describe("coverage", () => {
  it("names the tests of every node and edge, and what none of them passes", () => {
    const coverage = coverageOf(flow, [result("a"), failed("b", "menu")]);
    expect(coverage.nodes.get("menu")).toEqual(["a", "b"]);
    expect(coverage.edges.get("menu|1>bye")).toEqual(["a"]);
    expect(missed(coverage.edges)).toEqual(["menu|2>bye"]);
    expect(shareOf(coverage.edges)).toEqual({ passed: 2, all: 3, percent: 66.6 });
  });
  it("counts no steps of other flows, and none that go where the edge no longer leads", () => {
    const other = result("a", { steps: [step("start", "next", "menu", "g"), step("menu", "1", "menu")] });
    expect(missed(coverageOf(flow, [other]).edges)).toHaveLength(3);
  });
  it("says 100 % only of the whole", () => {
    const part = new Map(Array.from({ length: 3000 }, (_, n) => [String(n), n === 0 ? [] : ["t"]]));
    expect(shareOf(part).percent).toBe(99.9);
  });
});

describe("marks on the canvas", () => {
  it("tell passed from missed by more than their colour", () => {
    const overlay = coverageOverlay(coverageOf(flow, [result("a")]), words);
    expect(overlay.nodes["menu"]).toEqual({ tone: "passed", badge: "1", title: "by a" });
    expect(overlay.edges["menu|2>bye"]).toEqual({ tone: "missed", title: "missed" });
  });
  it("count the failures of a node, and show the way of one test", () => {
    expect(failuresOverlay([failed("a", "menu"), failed("b", "menu"), result("c")], words).nodes).toEqual({ menu: { tone: "failed", badge: "2", title: "failed a,b" } });
    const one = wayOverlay(failed("a", "menu"), flow, words);
    expect([one.nodes["start"]?.tone, one.nodes["menu"]?.tone, Object.keys(one.edges)]).toEqual(["passed", "failed", ["start|next>menu"]]);
  });
  it("light up what a proposal would pass", () => {
    const proposal: Proposal = { name: "p", text: "", covers: [{ from: "menu", port: "2", to: "bye" }], tried: true, unknown: [] };
    expect(proposalOverlay(proposal, words).edges).toEqual({ "menu|2>bye": { tone: "added", title: "would" } });
  });
});

/** A server that keeps tests in memory and gives the results that it is told to. */
class Server implements TestService {
  tests = new Map<string, string>();
  results = (name: string): Result => result(name);
  gate: Promise<void> = Promise.resolve();
  #stored = (name: string): StoredTest => ({ name, text: this.tests.get(name) ?? "", changed: "", changed_by: "" });
  list = async () => ({ tests: [...this.tests.keys()].map(this.#stored), tests_before_publish: false });
  add = async (_flow: string, text: string, name = text): Promise<StoredTest> => {
    if (this.tests.has(name)) throw new Error("taken");
    this.tests.set(name, text);
    return this.#stored(name);
  };
  change = async (_flow: string, name: string, text: string): Promise<StoredTest> => {
    this.tests.delete(name);
    return this.add("", text, name);
  };
  rename = async (_flow: string, test: { name: string; text: string }, name: string): Promise<StoredTest> => {
    this.tests.delete(test.name);
    return this.add("", test.text, name);
  };
  remove = async (_flow: string, name: string): Promise<void> => void this.tests.delete(name);
  setBeforePublish = async (): Promise<void> => undefined;
  run: TestService["run"] = async ({ tests }, told, signal) => {
    for (const name of tests) {
      await this.gate;
      if (signal.aborted) throw new DOMException("", "AbortError");
      told(this.results(name));
    }
  };
  propose = async (): Promise<Proposal[]> => [{ name: "a", text: "way", covers: [], tried: true, unknown: [] }];
}

async function bench(...names: string[]) {
  const server = new Server();
  for (const name of names) server.tests.set(name, `text of ${name}`);
  const faults: unknown[] = [];
  const now = { flow };
  const testing = new Testing(server, () => now.flow, (error) => faults.push(error));
  await testing.load();
  const states = () => testing.state.tests?.map((test) => stateOf(test, testing.state, now.flow));
  return { server, testing, faults, now, states };
}

describe("the test bench", () => {
  it("runs all, and says what passed, what failed and what was never run", async () => {
    const { server, testing, states } = await bench("a", "b");
    expect(states()).toEqual(["never", "never"]);
    server.results = (name) => (name === "b" ? failed(name, "menu") : result(name));
    await testing.runAll();
    expect(states()).toEqual(["passed", "failed"]);
    server.results = result;
    await testing.runFailed();
    expect(states()).toEqual(["passed", "passed"]);
    expect(testCoverage(testing.state, flow).nodes.get("bye")).toEqual(["a", "b"]);
  });
  it("shows how far a run is, runs one at a time, and stops when told", async () => {
    const { server, testing, states, faults } = await bench("a", "b", "c");
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    const running = testing.runAll();
    await Promise.resolve();
    expect(states()).toEqual(["running", "waiting", "waiting"]);
    await testing.run(["c"]);
    expect(testing.state.run?.names).toHaveLength(3);
    testing.cancel();
    open();
    await running;
    expect([states(), faults, testing.busy]).toEqual([["never", "never", "never"], [], false]);
  });
  it("knows a result that is older than the flow or the test, but not for a node that was moved", async () => {
    const { testing, now, states } = await bench("a");
    await testing.runAll();
    now.flow = { ...flow, nodes: flow.nodes.map((one) => ({ ...one, position: { x: 999, y: 9 } })) };
    expect(states()).toEqual(["passed"]);
    now.flow = { ...flow, nodes: flow.nodes.map((one) => ({ ...one, fields: { prompt: [] } })) };
    expect(states()).toEqual(["stale"]);
    now.flow = flow;
    await testing.save({ name: "a", text: "other" }, "a");
    expect(states()).toEqual(["stale"]);
  });
  it("keeps a result under a new name, and lets go of a test that is gone", async () => {
    const { testing, states } = await bench("a", "b");
    await testing.runAll();
    testing.choose("a");
    await testing.rename({ name: "a", text: "text of a" }, "z");
    expect([testing.state.tests?.map((test) => test.name), testing.state.chosen, states()]).toEqual([["b", "z"], "z", ["passed", "passed"]]);
    await testing.remove("z");
    expect([testing.state.chosen, testing.state.ran.size]).toEqual([null, 1]);
  });
  it("gives a proposal that is taken a free name, and runs it", async () => {
    const { testing } = await bench("a");
    await testing.propose();
    await testing.accept(testing.state.proposals ?? []);
    expect(testing.state.tests?.map((test) => test.name)).toEqual(["a", "a (2)"]);
    expect([testing.state.proposals, testing.state.ran.get("a (2)")?.result.passed]).toEqual([[], true]);
  });
  it("tells what the server says is wrong, and is ready for the next run", async () => {
    const { server, testing, faults } = await bench("a");
    server.run = () => Promise.reject(new Error("no server"));
    await testing.runAll();
    expect([faults.length, testing.busy]).toEqual([1, false]);
  });
});

describe("small things of tests", () => {
  it("flows run alike however they are laid out", () => {
    expect(runsAlike(flow, { ...flow, nodes: flow.nodes.toReversed() })).toBe(true);
    expect(runsAlike(flow, { ...flow, edges: flow.edges.slice(1) })).toBe(false);
    expect(runsAlike(flow, { ...flow, variables: [...flow.variables] })).toBe(false);
  });
  it("a free name is free and short enough", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 140 }), fc.integer({ min: 0, max: 12 }), (wanted, count) => {
        const taken = new Set<string>();
        for (let n = 0; n < count; n += 1) taken.add(freeName(wanted, taken));
        expect(taken.size).toBe(count);
        expect(Math.max(0, ...[...taken].map((name) => name.length))).toBeLessThanOrEqual(120);
      }),
    );
  });
  it("a step comes last among the steps, indented as they are", () => {
    expect(withStep("flow: f\nsteps: []\n", "waits")).toBe("flow: f\nsteps:\n  - waits\n");
    expect(withStep("flow: f\nsteps:\n- hears: a\n  note: b\nnote: c\n", "waits")).toBe("flow: f\nsteps:\n- hears: a\n  note: b\n- waits\nnote: c\n");
    for (const kind of Object.keys(STEP_TEMPLATES) as StepKind[]) expect(withStep("flow: f", kind)).toBe(`flow: f\nsteps:\n  - ${STEP_TEMPLATES[kind]}\n`);
  });
});

const start = Date.parse("2026-11-22T01:00:00Z");
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const callStep = (n: number, seconds: number, from: string, port: string, to: string, fields = {}): CallStep => ({ n, time: at(seconds), flow: "f", version: 1, from, port, to, reason: "goto", fields });
const call: CallPath = {
  call: "c", started: at(0), ended: at(60), ani: "", dnis: "", flow: "f", version: 1, outcome: "hangup",
  steps: [callStep(1, 0.4, "", "", "start"), callStep(2, 0.5, "start", "next", "menu"), callStep(3, 30, "menu", "1", "menu", { matter: "roads" }), callStep(4, 60, "menu", "", "")],
};
const recorded = sounds(call, [{ id: "r", call: "c", media_type: "audio/wav", duration: 10, started: at(15) }]);
const reel: Reel = { times: stepTimes(call), recorded, length: lengthOf(call, stepTimes(call), recorded) };

describe("a replay", () => {
  it("finds step and recording of a moment", () => {
    expect([0, 0.45, 29, 30, 99].map((moment) => stepAt(reel.times, moment))).toEqual([0, 0, 1, 2, 3]);
    expect([14, 15, 24.9, 25].map((moment) => soundAt(recorded, moment)?.id)).toEqual([undefined, "r", "r", undefined]);
  });
  it("steps by hand through what happened at one moment, and stays inside", () => {
    const there = toStep(toStep(atStart, reel, 1), reel, 99);
    expect([there.at, there.moment, toStep(there, reel, -5).at]).toEqual([3, 60, 0]);
    expect(toMoment(atStart, reel, 31)).toMatchObject({ at: 2, moment: 31 });
  });
  it("leaves out waits while nothing sounds, and nothing of a recording", () => {
    let playback: Playback = play(atStart, reel);
    let seconds = 0;
    let heard = 0;
    while (playback.playing && seconds < 100) {
      playback = advance(playback, reel, 0.1);
      if (soundAt(recorded, playback.moment)) heard += 0.1;
      seconds += 0.1;
    }
    expect(playback).toMatchObject({ at: 3, moment: 60 });
    expect(heard).toBeGreaterThan(9.5);
    expect(seconds).toBeLessThan(20);
    expect(play(playback, reel)).toMatchObject({ at: 0, playing: true });
  });
  it("never goes back, whatever the speed", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { maxLength: 60 }), fc.constantFrom(1, 2, 4, 8), fc.boolean(), (ticks, speed, skipWaits) => {
        let playback: Playback = { ...atStart, playing: true, speed: speed as 1, skipWaits };
        for (const tick of ticks) {
          const next = advance(playback, reel, tick);
          expect(next.moment).toBeGreaterThanOrEqual(playback.moment);
          expect(next.at).toBeGreaterThanOrEqual(playback.at);
          playback = next;
        }
        expect(playback.moment).toBeLessThanOrEqual(reel.length);
      }),
    );
  });
  it("numbers the visits, and marks where the caller is", () => {
    const overlay = pathOverlay(call.steps, 2, "f", { here: "here", been: (numbers) => `been ${numbers.join()}` });
    expect(overlay.nodes["menu"]).toEqual({ tone: "current", title: "here", badge: "2, 3" });
    expect(overlay.edges).toEqual({ "start|next>menu": { tone: "passed", title: "been 2" }, "menu|1>menu": { tone: "passed", title: "been 3" } });
    expect(pathOverlay(call.steps, 2, "g", { here: "", been: () => "" })).toEqual({ nodes: {}, edges: {} });
  });
  it("knows the fields as they stood", () => {
    expect(fieldsAfter(call.steps, 1)).toEqual([]);
    expect(fieldsAfter(call.steps, 2)).toEqual([{ name: "matter", value: "roads", fresh: true }]);
    expect(fieldsAfter(call.steps, 3)).toEqual([{ name: "matter", value: "roads", fresh: false }]);
  });
});
