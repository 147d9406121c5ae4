/** Counts of callers over a flow's graph, from the report of docs/api.md `/api/analytics/nodes`. */
export interface Inflow {
  readonly node: string;
  readonly port: string;
  readonly count: number;
  readonly percent: number;
}
export interface Outflow extends Inflow {
  readonly reason: string;
}
export interface NodeReport {
  readonly node: string;
  readonly entered: number;
  readonly left: number;
  readonly inside: number;
  readonly from: readonly Inflow[];
  readonly to: readonly Outflow[];
}
export interface FlowReport {
  readonly flow: string;
  readonly nodes: readonly NodeReport[];
}

export interface EdgeCount {
  readonly count: number;
  /** Share of the callers who left the node by this way, 0 to 100. */
  readonly percent: number;
}

/** Calls that came in at the top: every first step of a dialog comes from the node "". */
export function callsIn(report: FlowReport): number {
  return report.nodes.reduce(
    (sum, node) => sum + node.from.filter((way) => way.node === "").reduce((n, way) => n + way.count, 0),
    0,
  );
}

/** Counts by edge, keyed `from|port>to`; a reason is summed over, as an edge is drawn once. */
export function edgeCounts(report: FlowReport): Map<string, EdgeCount> {
  const counts = new Map<string, EdgeCount>();
  for (const node of report.nodes) {
    for (const way of node.to) {
      const key = `${node.node}|${way.port}>${way.node}`;
      const before = counts.get(key);
      counts.set(key, {
        count: (before?.count ?? 0) + way.count,
        percent: (before?.percent ?? 0) + way.percent,
      });
    }
  }
  return counts;
}

/** Leaving for good at a node, by reason: hang-up, error, transfer, exit. */
export function endings(node: NodeReport): { reason: string; count: number; percent: number }[] {
  const sums = new Map<string, { reason: string; count: number; percent: number }>();
  for (const way of node.to.filter((item) => item.node === "")) {
    const reason = way.reason || "exit";
    const sum = sums.get(reason) ?? { reason, count: 0, percent: 0 };
    sums.set(reason, { reason, count: sum.count + way.count, percent: sum.percent + way.percent });
  }
  return [...sums.values()].toSorted((a, b) => b.count - a.count);
}

export const MIN_WIDTH = 1.5;
export const MAX_WIDTH = 14;

/** Line width for a count: area tells the eye the amount, so the width grows with the share, never below what can be seen. */
export function edgeWidth(count: number, most: number): number {
  if (count <= 0 || most <= 0) return 1;
  return MIN_WIDTH + (MAX_WIDTH - MIN_WIDTH) * (count / most);
}

export function mostOf(counts: Iterable<EdgeCount>): number {
  let most = 0;
  for (const { count } of counts) most = Math.max(most, count);
  return most;
}

export interface CallStep {
  readonly n: number;
  readonly time: string;
  readonly flow: string;
  readonly version: number | null;
  readonly from: string;
  readonly port: string;
  readonly to: string;
  readonly reason: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
export interface CallSummary {
  readonly call: string;
  readonly started: string;
  readonly ended: string | null;
  readonly ani: string;
  readonly dnis: string;
  readonly flow: string;
  readonly version: number | null;
  readonly outcome: string;
  readonly steps: number;
}
export interface CallPath extends Omit<CallSummary, "steps"> {
  readonly steps: readonly CallStep[];
}
