/** Reports over callers' paths. */
import type { CallPath, CallSummary, FlowReport } from "../core/analytics";
import type { Flow } from "../core/flow";
import { address, get } from "./client";
import { listNodeTypes, listVersions, openFlow, openVersion } from "./flows";
import type { NodeType } from "../core/nodeTypes";

export interface Range {
  readonly from: string;
  readonly to: string;
  readonly version: string;
}

export const flowReport = (flow: string, range: Range): Promise<FlowReport> =>
  get(address("/api/analytics/nodes", { flow, ...range }));

export interface CallsPage {
  readonly calls: readonly CallSummary[];
  readonly next: string | null;
}
export const listCalls = (
  flow: string,
  range: Range,
  more: { node?: string | null; after?: string | null; limit?: number },
): Promise<CallsPage> => get(address("/api/analytics/calls", { flow, ...range, limit: 50, ...more }));

export const callPath = (call: string): Promise<CallPath> => get(`/api/analytics/calls/${encodeURIComponent(call)}`);

/** The graph that a report is drawn on: the version asked for, else the current one, else the draft. */
export async function reportedFlow(id: string, version: string): Promise<Flow> {
  const versions = await listVersions(id);
  const wanted = versions.find((item) => (version ? String(item.version) === version : item.current)) ?? versions[0];
  return wanted ? openVersion(id, wanted.version) : (await openFlow(id)).flow;
}

/** Node types are the authors'; who only reads reports sees nodes without their icons. */
export const typesIfAllowed = (): Promise<NodeType[]> => listNodeTypes().catch(() => []);
