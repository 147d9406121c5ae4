/** Conversation tests on the server: stored, run, proposed; simulated and real calls made into tests. */
import type { Proposal, Result, SimulatedRun, StoredTest, WrittenTest } from "../core/conversationTests";
import type { Flow, LocalizedText } from "../core/flow";
import { ApiError, get, lines, post, put, remove } from "./client";

const at = (flow: string, rest = ""): string => `/api/flows/${encodeURIComponent(flow)}/tests${rest}`;
const named = (flow: string, name: string): string => at(flow, `/${encodeURIComponent(name)}`);

export interface TestList {
  readonly tests: readonly StoredTest[];
  readonly tests_before_publish: boolean;
}

export const listTests = (flow: string): Promise<TestList> => get(at(flow));

/** A new test under `name`, else under the name in its text. 409 `test.exists`, 422 `test.invalid` with `detail.line`. */
export const addTest = (flow: string, text: string, name?: string): Promise<StoredTest> => post(at(flow), name ? { text, name } : { text });

/** Another text for a test, which from now on is called as the text says. */
export const changeTest = (flow: string, name: string, text: string): Promise<StoredTest> => put(named(flow, name), { text, rename: true });

export const renameTest = (flow: string, test: WrittenTest, name: string): Promise<StoredTest> => put(named(flow, test.name), { text: test.text, name });

export const deleteTest = (flow: string, name: string): Promise<void> => remove(named(flow, name));

export const setBeforePublish = (flow: string, wanted: boolean): Promise<unknown> =>
  put(`/api/flows/${encodeURIComponent(flow)}/settings`, { tests_before_publish: wanted });

export interface TestProblem {
  readonly line: number;
  readonly message: LocalizedText;
}

/** Whether a text can be read as a test of the flow. */
export const checkTest = (flow: string, text: string, signal?: AbortSignal): Promise<{ readonly problems: readonly TestProblem[] }> =>
  post(at(flow, "/check"), { text }, signal);

interface Run {
  /** The draft as the author sees it. */
  readonly flow: Flow;
  readonly tests: readonly string[];
  /** Texts that are not stored, by name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Runs tests and tells each result as it comes. Aborting ends the run on the server too. */
export async function runTests(run: Run, told: (result: Result) => void, signal?: AbortSignal): Promise<void> {
  for await (const line of lines<{ result?: Result; error?: { code: string; message: string } }>(at(run.flow.id, "/run"), run, signal)) {
    if (line.error) throw new ApiError(503, line.error.code, line.error.message);
    if (line.result) told(line.result);
  }
}

/** Tests for the edges that the flow's tests do not pass; nothing is stored. */
export const proposeTests = async (flow: Flow, signal?: AbortSignal): Promise<readonly Proposal[]> =>
  (await post<{ proposals: Proposal[] }>(at(flow.id, "/propose"), { flow, most: 100 }, signal)).proposals;

export const testFromRun = (flow: string, name: string, run: SimulatedRun): Promise<WrittenTest> =>
  post(at(flow, "/from-run"), { name, events: run.messages, ani: run.ani, dnis: run.dnis, now: run.now });

/** A real call as a test; null where it came to no designed flow. */
export const testFromCall = async (call: string, name?: string): Promise<{ flow: string | null; test: WrittenTest | null }> =>
  post(`/api/calls/${encodeURIComponent(call)}/replay`, name ? { name } : {});
