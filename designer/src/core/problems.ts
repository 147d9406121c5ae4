/** Problems as the server finds them (docs/api.md), in the order and groups that the author sees. */
import type { FlowEdge, Flow, LocalizedText } from "./flow";
import { nodeById } from "./flow";

export interface Problem {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly node: string | null;
  readonly port: string | null;
  readonly field: string | null;
  readonly message: LocalizedText;
  readonly fix?: LocalizedText | null;
  /** What a program needs to show the place or to mend it: name, names, column, length. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface ProblemCount {
  readonly errors: number;
  readonly warnings: number;
}

export function countProblems(problems: readonly Problem[]): ProblemCount {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  return { errors, warnings: problems.length - errors };
}

/** Errors before warnings, then as they stand in the flow. */
export function sortProblems(problems: readonly Problem[], flow: Flow): Problem[] {
  const place = new Map(flow.nodes.map((node, index) => [node.id, index]));
  const rank = (problem: Problem): number => (problem.node === null ? -1 : (place.get(problem.node) ?? Infinity));
  return problems.toSorted(
    (a, b) => Number(a.severity === "warning") - Number(b.severity === "warning") || rank(a) - rank(b),
  );
}

export function problemsByNode(problems: readonly Problem[]): Map<string, Problem[]> {
  const byNode = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.node === null) continue;
    byNode.set(problem.node, [...(byNode.get(problem.node) ?? []), problem]);
  }
  return byNode;
}

/** Whether an edge may be drawn: both ends exist, and nothing leads back to the start. */
export function mayConnect(flow: Flow, edge: FlowEdge): boolean {
  const target = nodeById(flow, edge.to);
  return nodeById(flow, edge.from) !== undefined && target !== undefined && target.type !== "start";
}
