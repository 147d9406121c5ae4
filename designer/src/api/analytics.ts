/** Reports over callers' paths. */
import type { CallPath, CallSummary, FlowReport } from "../core/analytics";
import { address, get } from "./client";

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
