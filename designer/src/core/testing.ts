/** The tests of the flow that is edited: what they are, what became of them, and what is under way. */
import { type StoreApi, createStore } from "zustand/vanilla";
import type { Proposal, Result, StoredTest, WrittenTest } from "./conversationTests";
import { type Coverage, coverageOf } from "./coverage";
import type { Flow } from "./flow";

/** What the bench needs of the server. */
export interface TestService {
  list(flow: string): Promise<{ readonly tests: readonly StoredTest[]; readonly tests_before_publish: boolean }>;
  add(flow: string, text: string, name?: string): Promise<StoredTest>;
  change(flow: string, name: string, text: string): Promise<StoredTest>;
  rename(flow: string, test: WrittenTest, name: string): Promise<StoredTest>;
  remove(flow: string, name: string): Promise<void>;
  setBeforePublish(flow: string, wanted: boolean): Promise<unknown>;
  run(run: { flow: Flow; tests: readonly string[] }, told: (result: Result) => void, signal: AbortSignal): Promise<void>;
  propose(flow: Flow, signal: AbortSignal): Promise<readonly Proposal[]>;
}

export type TestView = "tests" | "coverage" | "proposals";
export type TestState = "passed" | "failed" | "stale" | "never" | "waiting" | "running";

interface Ran {
  readonly result: Result;
  /** The flow as it was then, and the text. */
  readonly flow: Flow;
  readonly text: string;
}

export interface TestingState {
  /** Null until they are loaded. */
  readonly tests: readonly StoredTest[] | null;
  readonly beforePublish: boolean;
  readonly ran: ReadonlyMap<string, Ran>;
  /** The names of a run that goes on, and how many of them are done. */
  readonly run: { readonly names: readonly string[]; readonly done: number } | null;
  readonly proposals: readonly Proposal[] | null;
  readonly proposing: boolean;
  readonly view: TestView;
  /** Whether results, coverage and proposals lie over the canvas. */
  readonly drawn: boolean;
  /** The test whose way is drawn. */
  readonly chosen: string | null;
  /** The proposal that the author points at, by its name. */
  readonly pointed: string | null;
  /** The test that is being written; `stored` is null for a new one. */
  readonly editing: { readonly test: WrittenTest; readonly stored: string | null } | null;
}

const start: TestingState = {
  tests: null, beforePublish: false, ran: new Map(), run: null, proposals: null, proposing: false,
  view: "tests", drawn: false, chosen: null, pointed: null, editing: null,
};

/** Whether two flows would answer a caller alike: what only moved on the canvas changes no result. */
export function runsAlike(a: Flow, b: Flow): boolean {
  if (a === b) return true;
  if (a.nodes.length !== b.nodes.length || a.edges.length !== b.edges.length) return false;
  if (a.variables !== b.variables || a.languages !== b.languages || a.navigation !== b.navigation) return false;
  const nodes = new Map(b.nodes.map((node) => [node.id, node]));
  const edges = new Set(b.edges.map((edge) => `${edge.from}|${edge.port}>${edge.to}`));
  return (
    a.nodes.every((node) => node.type === nodes.get(node.id)?.type && node.fields === nodes.get(node.id)?.fields) &&
    a.edges.every((edge) => edges.has(`${edge.from}|${edge.port}>${edge.to}`))
  );
}

export class Testing {
  readonly store: StoreApi<TestingState> = createStore<TestingState>()(() => start);
  readonly #service: TestService;
  readonly #flow: () => Flow;
  readonly #failed: (error: unknown) => void;
  #abort: AbortController | null = null;

  /** `failed` tells the author of what went wrong when nobody waits for the answer. */
  constructor(service: TestService, flow: () => Flow, failed: (error: unknown) => void) {
    this.#service = service;
    this.#flow = flow;
    this.#failed = failed;
  }

  get state(): TestingState {
    return this.store.getState();
  }
  get busy(): boolean {
    return this.state.run !== null || this.state.proposing;
  }

  /** Loads the tests. Throws when the server does not answer. */
  async load(): Promise<void> {
    const { tests, tests_before_publish } = await this.#service.list(this.#flow().id);
    this.store.setState({ tests, beforePublish: tests_before_publish });
  }

  show(view: TestView): void {
    this.store.setState({ view, pointed: null, ...(view === "coverage" ? { drawn: true } : {}) });
  }
  draw(drawn: boolean): void {
    this.store.setState({ drawn });
  }
  choose(chosen: string | null): void {
    this.store.setState({ chosen, ...(chosen !== null ? { drawn: true } : {}) });
  }
  point(pointed: string | null): void {
    if (pointed !== this.state.pointed) this.store.setState({ pointed });
  }
  edit(editing: TestingState["editing"]): void {
    this.store.setState({ editing });
  }

  // ------------------------------------------------------------------------------------------------ running

  async runAll(): Promise<void> {
    if (this.state.tests === null) await this.load().catch(this.#failed);
    await this.run((this.state.tests ?? []).map((test) => test.name));
  }

  runFailed(): Promise<void> {
    return this.run([...this.state.ran.values()].filter(({ result }) => !result.passed).map(({ result }) => result.name));
  }

  /** Runs stored tests on the draft as it is now; one run at a time. */
  async run(names: readonly string[]): Promise<void> {
    if (this.busy || names.length === 0) return;
    const flow = this.#flow();
    const texts = new Map(this.state.tests?.map((test) => [test.name, test.text]));
    this.store.setState({ run: { names, done: 0 }, drawn: true });
    await this.#attempt(async (signal) => {
      await this.#service.run({ flow, tests: names }, (result) => this.#took({ result, flow, text: texts.get(result.name) ?? "" }), signal);
    });
    this.store.setState({ run: null });
  }

  #took(ran: Ran): void {
    const { run, ran: before } = this.state;
    if (run) this.store.setState({ run: { ...run, done: run.done + 1 }, ran: new Map(before).set(ran.result.name, ran) });
  }

  /** A publish was refused for these results: they are shown as those of a run. */
  refused(failures: readonly Result[]): void {
    const flow = this.#flow();
    const texts = new Map(this.state.tests?.map((test) => [test.name, test.text]));
    const ran = new Map(this.state.ran);
    for (const result of failures) ran.set(result.name, { result, flow, text: texts.get(result.name) ?? "" });
    this.store.setState({ ran, view: "tests", chosen: null, drawn: true });
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** One thing at a time that the author can cancel. */
  async #attempt(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      await work(abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    } finally {
      if (this.#abort === abort) this.#abort = null;
    }
  }

  // ------------------------------------------------------------------------------------------------ changing

  /** Stores a new test, or another text of a stored one. Throws what the server says is wrong. */
  async save(test: WrittenTest, stored: string | null): Promise<StoredTest> {
    const flow = this.#flow().id;
    const made = stored === null ? await this.#service.add(flow, test.text) : await this.#service.change(flow, stored, test.text);
    this.#put(made, stored);
    return made;
  }

  async rename(test: WrittenTest, name: string): Promise<void> {
    this.#put(await this.#service.rename(this.#flow().id, test, name), test.name);
  }

  async duplicate(test: WrittenTest, name: string): Promise<void> {
    this.#put(await this.#service.add(this.#flow().id, test.text, name), null);
  }

  async remove(name: string): Promise<void> {
    await this.#service.remove(this.#flow().id, name);
    this.#drop(name);
  }

  async setBeforePublish(wanted: boolean): Promise<void> {
    // The switch moves at once, and back when the server refuses.
    this.store.setState({ beforePublish: wanted });
    try {
      await this.#service.setBeforePublish(this.#flow().id, wanted);
    } catch (error) {
      this.store.setState({ beforePublish: !wanted });
      throw error;
    }
  }

  #put(test: StoredTest, before: string | null): void {
    const others = (this.state.tests ?? []).filter((other) => other.name !== test.name && other.name !== before);
    const tests = [...others, test].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const ran = new Map(this.state.ran);
    const old = before === null ? undefined : ran.get(before);
    if (before !== null && before !== test.name) ran.delete(before);
    if (old) ran.set(test.name, { ...old, result: { ...old.result, name: test.name } });
    this.store.setState({ tests, ran, ...(this.state.chosen === before ? { chosen: test.name } : {}) });
  }

  #drop(name: string): void {
    const ran = new Map(this.state.ran);
    ran.delete(name);
    this.store.setState((before) => ({
      ran,
      tests: before.tests?.filter((test) => test.name !== name) ?? null,
      chosen: before.chosen === name ? null : before.chosen,
    }));
  }

  // ------------------------------------------------------------------------------------------------ proposals

  async propose(): Promise<void> {
    if (this.busy) return;
    this.store.setState({ proposing: true, view: "proposals", drawn: true });
    await this.#attempt(async (signal) => {
      const proposals = await this.#service.propose(this.#flow(), signal);
      this.store.setState({ proposals });
    });
    this.store.setState({ proposing: false });
  }

  /** Stores proposals, each under a name that is free. Throws at the first that the server refuses. */
  async accept(proposals: readonly Proposal[]): Promise<void> {
    const names: string[] = [];
    for (const proposal of proposals) {
      const name = freeName(proposal.name, new Set(this.state.tests?.map((test) => test.name)));
      this.#put(await this.#service.add(this.#flow().id, proposal.text, name), null);
      names.push(name);
      this.store.setState((before) => ({ proposals: before.proposals?.filter((other) => other !== proposal) ?? null, pointed: null }));
    }
    await this.run(names);
  }
}

/** `a`, `a (2)`, `a (3)` … */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted.slice(0, 120) : `${wanted.slice(0, 112)} (${n})`;
    if (!taken.has(name)) return name;
  }
}

/** What a test's row says. A result counts for the flow and the text that it was run with. */
export function stateOf(test: StoredTest, { ran, run }: TestingState, flow: Flow): TestState {
  const place = run ? run.names.indexOf(test.name) : -1;
  if (run && place >= run.done) return place === run.done ? "running" : "waiting";
  const last = ran.get(test.name);
  if (!last) return "never";
  if (last.text !== test.text || !runsAlike(last.flow, flow)) return "stale";
  return last.result.passed ? "passed" : "failed";
}

/** Results of the tests that are stored, whatever flow they ran on: their ways are held against the flow as it is. */
export const storedResults = ({ tests, ran }: TestingState): Result[] =>
  (tests ?? []).map((test) => ran.get(test.name)?.result).filter((result) => result !== undefined);

export const testCoverage = (state: TestingState, flow: Flow): Coverage => coverageOf(flow, storedResults(state));

/** What a new test begins with. */
export function newTestText(flow: Flow, name: string): string {
  return `name: ${JSON.stringify(name)}
flow: ${flow.id}
at: 2026-01-05T10:00:00+08:00
caller: "+8613800000000"
called: "12319"
steps:
  - hears: {contains: ""}
  - presses: "1"
`;
}
