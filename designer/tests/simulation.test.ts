import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Breakpoints } from "../src/core/breakpoints";
import { type Speech, breakpointOverlay, faultMessage, pathOverlay, withOffset } from "../src/core/debugging";
import { Editor } from "../src/core/editor";
import {
  type HeardGrammar, type Message, type Simulation, connectionLost, currentNode, filterOf, idle, receive, recordedRun, started, variablesAt, visited, wrongKey,
} from "../src/core/simulation";
import { FakeLine, FakeMemory, newDebugging } from "./debugging";
import { sample, types } from "./samples";

const all = (...messages: Message[]): Simulation => messages.reduce(receive, started);
const step = (n: number, from: string, to: string, flow = "demo", port = "next"): Message => ({ type: "step", t: n, n, flow, version: 1, from, port: from && port, to, reason: "goto", fields: {} });
const variables = (n: number, values: Record<string, unknown>, gone: string[] = [], whole = false): Message => ({
  type: "variables", t: n, step: n, whole,
  changed: Object.entries(values).map(([name, value]) => ({ scope: "application", name, kind: typeof value, value })),
  gone: gone.map((name) => ({ scope: "application", name })),
});

describe("simulation", () => {
  it("follows the caller step by step", () => {
    let call = all(
      step(1, "", "start"),
      step(2, "start", "main"),
      { type: "event", t: 1, event: "prompt", text: "Hello", audio: ["/prompts/a.wav"], lang: "en-US" },
      { type: "event", t: 1, event: "log", label: "vxmlplat.port", text: "1" },
      { type: "waiting", for: "input" },
    );
    expect(call).toMatchObject({ awaiting: "input", state: "running" });
    expect(currentNode(call, "demo")).toBe("main");
    call = receive(call, { type: "caller", t: 2, dtmf: "1" });
    expect(call.awaiting).toBeNull();
    call = receive(call, { type: "event", t: 2, event: "exit", reason: "hangup" });
    expect(call.state).toBe("ended");
    expect(call.steps.map((one) => one.entries.map((entry) => entry.kind))).toEqual([[], [], ["prompt", "caller", "event"]]);
    expect(call.steps[2]?.entries[0]).toMatchObject({ parts: [{ text: "Hello" }, { audio: "/prompts/a.wav" }] });
    expect([...visited(call.steps, "demo").edges]).toEqual(["start|next"]);
  });
  it("comes back from a sub-flow to the node that called it", () => {
    let call = all(step(1, "", "start"), step(2, "start", "sub"), step(3, "", "start", "other"), step(4, "start", "ask", "other"));
    expect(currentNode(call, "demo")).toBe("sub");
    expect(call.places).toHaveLength(2);
    call = receive(call, { type: "step", t: 5, n: 4, flow: "other", from: "ask", port: "", to: "", reason: "return" });
    expect(call.places).toEqual([{ flow: "demo", node: "sub" }]);
    expect(visited(call.steps, "demo").nodes.get("start")).toBe(1);
  });
  it("knows the variables of every step", () => {
    const call = all(
      step(1, "", "start"),
      variables(1, { count: 0, name: "" }),
      step(2, "start", "main"),
      variables(2, { count: 1, own: "x" }),
      variables(2, { count: 2 }),
      step(3, "main", "bye"),
      variables(3, {}, ["own"]),
    );
    const at = (n: number): unknown => variablesAt(call, n).map((one) => [one.name, one.value, one.changedHere, one.before]);
    expect(at(1)).toEqual([["count", 0, false, undefined], ["name", "", false, undefined]]);
    expect(at(2)).toEqual([["count", 2, true, 0], ["name", "", false, undefined], ["own", "x", true, undefined]]);
    expect(at(3)).toEqual([["count", 2, false, undefined], ["name", "", false, undefined]]);
  });
  it("forgets what a step back took away", () => {
    const before = all(step(1, "", "start"), variables(1, { count: 0 }), step(2, "start", "main"), { type: "input", dtmf: "1" });
    const call = [
      { type: "variables", t: 3, step: 2, changed: [], gone: [], whole: false },
      { type: "event", t: 3, event: "prompt", text: "Gone", lang: "en-US" },
      step(3, "main", "bye"),
      { type: "event", t: 3, event: "exit", reason: "hangup" },
      { type: "rewound", step: 2 },
      variables(2, { count: 5 }, [], true),
      { type: "state", paused: "back", flow: "demo", node: "main", step: 2, ahead: 1 },
    ].reduce<Simulation>(receive, before);
    expect(call).toMatchObject({ state: "running", paused: "back", ahead: 1, places: [{ flow: "demo", node: "main" }] });
    expect(call.steps.map((one) => one.to)).toEqual(["", "start", "main"]);
    expect(call.messages).toEqual(before.messages.slice(0, 2));
    expect(variablesAt(call, 2)).toMatchObject([{ name: "count", value: 5, changedHere: false }]);
  });
  it("says what keeps a draft from running, and what only makes no sense", () => {
    const problem = { type: "problem", message: { "en-US": "No start" } };
    expect(all(problem).state).toBe("ended");
    expect(all(step(1, "", "start"), problem).state).toBe("running");
    expect(connectionLost(started).state).toBe("lost");
    expect(connectionLost(idle)).toBe(idle);
  });
  it("keeps the record that a test is made of", () => {
    const call = all(step(1, "", "start"), { type: "caller", dtmf: "1" }, { type: "input", dtmf: "12" }, { type: "timer", kind: "keys", seconds: 2 });
    expect(call.timer).toEqual({ kind: "keys", seconds: 2 });
    const run = recordedRun(call, { ani: "1", dnis: "2", now: "3" });
    expect(run).toMatchObject({ ani: "1", dnis: "2", now: "3" });
    expect(run?.messages.map((message) => message["type"])).toEqual(["step", "input"]);
    expect(recordedRun(idle, { ani: "", dnis: "", now: "" })).toBeNull();
  });
  it("takes any message without falling over", () => {
    const key = fc.constantFrom("type", "event", "t", "to", "for", "step", "changed", "grammars", "parts", "n");
    const word = fc.constantFrom("event", "step", "variables", "rewound", "state", "timer", "caller", "prompt", "listen", "exit", "problem", "breakpoint");
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, fc.oneof(fc.jsonValue(), word))), (messages) => {
        const call = messages.reduce(receive, started);
        variablesAt(call, 3);
        visited(call.steps, "demo");
      }),
    );
    expect(receive(started, { type: "from-the-future" })).toBe(started);
  });
  it("finds a key that nothing listens to", () => {
    const keys = (phrases: string[], pattern = ""): HeardGrammar => ({ mode: "dtmf", phrases, pattern });
    expect(wrongKey([])).toBe("7");
    expect(wrongKey([keys(["7", "8"]), keys(["5"])])).toBe("4");
    expect(wrongKey([keys([], "digits?length=4")])).toBe("A");
    fc.assert(fc.property(fc.array(fc.constantFrom(..."0123456789*#ABC")), (taken) => !taken.includes(wrongKey([keys(taken)]))));
  });
  it("sorts what is shown", () => {
    expect(filterOf({ kind: "event", t: 0, event: "log", detail: {} })).toBe("log");
    expect(filterOf({ kind: "event", t: 0, event: "exit", detail: {} })).toBeNull();
  });
});

const newEditor = (): Editor => new Editor({ flow: sample, revision: "1", published: null, types, now: () => 0 });

describe("debugging", () => {
  it("calls the draft as it is, with breakpoints and faults", () => {
    const line = new FakeLine();
    const debugging = newDebugging(newEditor(), line);
    const [node] = sample.nodes;
    debugging.breakpoints.put({ node: node?.id ?? "", condition: "x > 1", enabled: true });
    debugging.breakpoints.toggle("no-such-node");
    debugging.setSetup({ faults: [{ node: "", kind: "status", status: 404, value: "" }], pause: true, pace: "real" });
    debugging.start();
    line.ends?.opened();
    expect(line.last("start")).toMatchObject({
      flow: sample, time: "real", pause: true, now: null, faults: [{ kind: "status", status: 404 }], breakpoints: [{ node: node?.id, condition: "x > 1" }],
    });
    line.ends?.received([step(1, "", "start"), { type: "state", paused: "start", ahead: 0 }]);
    expect(debugging.paused).toBe(true);
    debugging.pauseOrContinue();
    debugging.setSetup({ faults: [] });
    debugging.breakpoints.clear();
    debugging.back(1);
    expect(line.sent.slice(-4)).toEqual([{ type: "continue" }, { type: "faults", faults: [] }, { type: "breakpoints", breakpoints: [] }, { type: "back", step: 1 }]);
    line.ends?.closed();
    expect(debugging.state.simulation.state).toBe("lost");
    expect(debugging.canGoBack).toBe(false);
  });
  it("hears nothing of a call that was replaced", () => {
    const line = new FakeLine();
    const debugging = newDebugging(newEditor(), line);
    debugging.start();
    const first = line.ends;
    debugging.start();
    first?.received([step(1, "", "start")]);
    first?.closed();
    expect(debugging.state.simulation).toMatchObject({ state: "running", steps: [{ n: 0 }] });
    expect(line.closed).toBe(1);
    debugging.clear();
    expect(debugging.state.simulation).toBe(idle);
  });
  it("tells why there is no sound, and speaks when there is", async () => {
    const line = new FakeLine();
    let fail = true;
    const speech: Speech = { start: () => (fail ? Promise.reject(new Error("denied")) : Promise.resolve()), play: () => undefined, stop: () => undefined };
    const debugging = newDebugging(newEditor(), line, speech);
    debugging.setSetup({ pace: "voice" });
    debugging.start();
    line.ends?.opened();
    await Promise.resolve();
    await Promise.resolve();
    expect(debugging.state.simulation).toMatchObject({ state: "ended", steps: [{ entries: [{ kind: "problem" }] }] });
    fail = false;
    debugging.start();
    line.ends?.opened();
    await Promise.resolve();
    await Promise.resolve();
    expect(line.last("start")).toMatchObject({ time: "voice" });
  });
  it("makes faults of what the author writes", () => {
    const fault = { node: "a", status: 500, value: '{"x":1}' };
    expect(faultMessage({ ...fault, kind: "timeout" })).toEqual({ kind: "timeout", node: "a" });
    expect(faultMessage({ ...fault, kind: "answer" })).toEqual({ kind: "answer", value: { x: 1 }, node: "a" });
    expect(faultMessage({ ...fault, kind: "answer", value: "sunny", node: "" })).toEqual({ kind: "answer", value: "sunny" });
  });
  it("gives a local time its offset", () => {
    expect(withOffset("")).toBeNull();
    expect(withOffset("nonsense")).toBeNull();
    expect(withOffset("2026-01-05T09:00")).toMatch(/^2026-01-05T09:00:00[+-]\d\d:\d\d$/);
  });
});

const words = { here: "here", paused: "paused", been: (times: number) => `been ${times}`, breakpoint: (condition: string, fault: string) => `${condition}|${fault}` };

describe("overlays of the simulator", () => {
  it("light the path up", () => {
    const call = all(step(1, "", "start"), step(2, "start", "main"), step(3, "main", "start", "demo", "1"), step(4, "start", "main"), step(5, "", "start", "other"));
    const overlay = pathOverlay(call, "demo", words);
    expect(overlay.nodes).toEqual({ start: { tone: "passed", title: "been 2", badge: "2×" }, main: { tone: "current", title: "here" } });
    expect(Object.keys(overlay.edges)).toEqual(["start|next", "main|1"]);
    const ended = receive(call, { type: "event", event: "exit", reason: "exit" });
    expect(pathOverlay(ended, "demo", words).nodes["main"]).toMatchObject({ tone: "passed" });
  });
  it("show breakpoints, with what is wrong with them", () => {
    const points = new Breakpoints(new FakeMemory(), "demo");
    points.put({ node: "a", condition: "", enabled: true });
    points.put({ node: "b", condition: "x", enabled: true });
    points.put({ node: "c", condition: "", enabled: false });
    const call = all({ type: "breakpoint", flow: "demo", node: "b", condition: "x", error: "x is not declared" });
    expect(breakpointOverlay(points, call, "demo", words).nodes).toEqual({
      a: { tone: "breakpoint", title: "|" },
      b: { tone: "breakpoint", title: "x|x is not declared", badge: "!" },
    });
  });
});

describe("breakpoints", () => {
  it("are remembered for their flow", () => {
    const memory = new FakeMemory();
    const points = new Breakpoints(memory, "demo");
    points.toggle("a");
    points.put({ node: "b", condition: "x", enabled: false });
    expect(new Breakpoints(memory, "demo").store.getState()).toEqual([{ node: "a", condition: "", enabled: true }, { node: "b", condition: "x", enabled: false }]);
    expect(new Breakpoints(memory, "other").store.getState()).toEqual([]);
    points.toggle("a");
    points.remove("b");
    expect(memory.kept.size).toBe(0);
  });
  it("are none where the memory holds something else, or nothing can be kept", () => {
    const memory = new FakeMemory();
    for (const kept of ["{", "7", '[1, null, {"node": 2}]']) {
      memory.setItem("vxmlplat.breakpoints.demo", kept);
      expect(new Breakpoints(memory, "demo").store.getState()).toEqual([]);
    }
    const shut = { ...memory, getItem: () => null, setItem: () => { throw new Error("full"); }, removeItem: () => undefined };
    const points = new Breakpoints(shut, "demo");
    points.toggle("a");
    expect(points.at("a")).toBeDefined();
  });
});
