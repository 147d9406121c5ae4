/** Which nodes and edges of a flow the tests have passed, as `vxmlplat.simulator.conversation_coverage` counts it. */
import type { PassedEdge, Result } from "./conversationTests";
import { type Flow, edgeKey } from "./flow";

/** Names of tests by node id, and by {@link passKey}; in the flow's order, with nothing left out. */
export interface Coverage {
  readonly nodes: ReadonlyMap<string, readonly string[]>;
  readonly edges: ReadonlyMap<string, readonly string[]>;
}

/** An edge with its end: where a test went otherwise than the edge leads now, it did not pass the edge. */
export const passKey = (edge: PassedEdge): string => `${edgeKey(edge)}>${edge.to}`;

/** A failed test counts too: it shows how far its caller came. */
export function coverageOf(flow: Flow, results: Iterable<Result>): Coverage {
  const nodes = new Map<string, string[]>(flow.nodes.map((node) => [node.id, []]));
  const edges = new Map<string, string[]>(flow.edges.map((edge) => [passKey(edge), []]));
  for (const { name, steps } of results) {
    const own = steps.filter((step) => step.flow === flow.id);
    for (const node of new Set(own.map((step) => step.to))) nodes.get(node)?.push(name);
    for (const edge of new Set(own.map(passKey))) edges.get(edge)?.push(name);
  }
  return { nodes, edges };
}

export interface Share {
  readonly passed: number;
  readonly all: number;
  readonly percent: number;
}

export function shareOf(part: ReadonlyMap<string, readonly string[]>): Share {
  const passed = [...part.values()].filter((tests) => tests.length > 0).length;
  // What is not whole is never said to be: 999 of 1,000 are 99.9 %, not 100 %.
  const percent = part.size === 0 ? 100 : Math.floor((1000 * passed) / part.size) / 10;
  return { passed, all: part.size, percent };
}

export const missed = (part: ReadonlyMap<string, readonly string[]>): string[] => [...part].filter(([, tests]) => tests.length === 0).map(([key]) => key);
