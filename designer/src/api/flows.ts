/** Flows on the server: list, open, save, check, publish, versions. */
import { type Flow, type LocalizedText, readFlow } from "../core/flow";
import type { NodeType } from "../core/nodeTypes";
import type { Problem } from "../core/problems";
import { type Answer, get, post, put, remove, request } from "./client";

export interface FlowSummary {
  readonly id: string;
  readonly name: LocalizedText | string;
  readonly languages: readonly string[];
  readonly revision: string | number;
  readonly published: number | null;
  readonly changed: string;
  readonly changed_by: string;
}
export interface OpenedFlow {
  readonly flow: Flow;
  readonly revision: string | number;
  readonly published: number | null;
  /** The version that test numbers get; null when they get the published one. */
  readonly testing?: number | null;
  readonly changed_by?: string;
}
export interface Version {
  readonly version: number;
  readonly published_at: string;
  readonly published_by: string;
  readonly name?: string;
  readonly note: string;
  readonly current: boolean;
  readonly testing?: boolean;
}

const at = (id: string, rest = ""): string => `/api/flows/${encodeURIComponent(id)}${rest}`;

export const listFlows = (): Promise<FlowSummary[]> => get("/api/flows");
export const listNodeTypes = (): Promise<NodeType[]> => get("/api/node-types");
export const createFlow = (flow: Flow): Promise<unknown> => post("/api/flows", flow);
export const deleteFlow = (id: string): Promise<void> => remove(at(id));

export async function openFlow(id: string): Promise<OpenedFlow & { revision: string }> {
  const { data, revision } = await request<OpenedFlow>("GET", at(id));
  return { ...data, flow: readFlow(data.flow), revision: revision ?? String(data.revision) };
}

/** Saves the draft; the answer is its new revision. 412 `flow.conflict` when somebody saved before. */
export async function saveFlow(flow: Flow, revision: string): Promise<string> {
  const answer: Answer<{ revision?: string | number } | undefined> = await request("PUT", at(flow.id), {
    body: flow,
    headers: { "If-Match": `"${revision}"` },
  });
  return answer.revision ?? String(answer.data?.revision ?? revision);
}

export const checkFlow = async (flow: Flow, signal: AbortSignal): Promise<Problem[]> =>
  (await request<{ problems: Problem[] }>("POST", at(flow.id, "/check"), { body: flow, signal })).data.problems;

export const compiledNode = (id: string, node: string): Promise<{ documents: Record<string, string> }> =>
  get(`${at(id, "/compiled")}?node=${encodeURIComponent(node)}`);

/** The server compares revisions as it gave them: as a number when it is one. */
const wireRevision = (revision: string): string | number => (/^\d+$/.test(revision) ? Number(revision) : revision);

export interface Publication {
  readonly name: string;
  readonly note: string;
  readonly audience: "all" | "test";
}
export const publishFlow = (id: string, revision: string, publication: Publication): Promise<{ version: number }> =>
  post(at(id, "/publish"), { revision: wireRevision(revision), ...publication });
export const listVersions = (id: string): Promise<Version[]> => get(at(id, "/versions"));
export const openVersion = async (id: string, version: number): Promise<Flow> =>
  readFlow((await get<{ flow: unknown }>(at(id, `/versions/${version}`))).flow);
/** What callers get after a change, and what all got before it. */
export interface MadeCurrent {
  readonly version: number;
  readonly before: number | null;
  readonly testing: number | null;
}
/** `seen`: the version that was shown as current; 409 when it is another by now. */
const current = (id: string, how: "rollback" | "promote", version: number, seen: number | null): Promise<MadeCurrent> =>
  post(at(id, `/${how}`), { version, ...(seen === null ? {} : { seen }) });
export const rollBack = (id: string, version: number, seen: number | null): Promise<MadeCurrent> => current(id, "rollback", version, seen);
export const promote = (id: string, version: number, seen: number | null): Promise<MadeCurrent> => current(id, "promote", version, seen);
/** Gives test numbers a version of their own; null ends the test. */
export const putOnTest = (id: string, version: number | null): Promise<unknown> => put(at(id, "/testing"), { version });
export const flowNumbers = (id: string): Promise<{ number: string; test: boolean }[]> => get(at(id, "/numbers"));
