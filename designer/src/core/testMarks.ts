/** What the tests lay over the canvas: their coverage, the way of one of them, where they failed, what a proposal would add. */
import type { Proposal, Result } from "./conversationTests";
import { type Coverage, missed, passKey } from "./coverage";
import type { Flow } from "./flow";
import type { EdgeOverlay, NodeOverlay, Overlay } from "./overlay";

/** The words beside the signs, in the reader's language. */
export interface MarkWords {
  passedBy(tests: readonly string[]): string;
  missed: string;
  onTheWay: string;
  failed(names: readonly string[]): string;
  wouldPass: string;
}

export function coverageOverlay({ nodes, edges }: Coverage, words: MarkWords): Overlay {
  const node = (tests: readonly string[]): NodeOverlay =>
    tests.length > 0 ? { tone: "passed", badge: String(tests.length), title: words.passedBy(tests) } : { tone: "missed", title: words.missed };
  const edge = (tests: readonly string[]): EdgeOverlay =>
    // Without a label: a passed edge is a solid line, and only what is missed has a sign.
    tests.length > 0 ? { tone: "passed", title: words.passedBy(tests) } : { tone: "missed", title: words.missed };
  return {
    nodes: Object.fromEntries([...nodes].map(([id, tests]) => [id, node(tests)])),
    edges: Object.fromEntries([...edges].map(([key, tests]) => [key, edge(tests)])),
  };
}

/** Only what no test passes: the rest of the flow stays as it is. */
export function missedOverlay({ nodes, edges }: Coverage, words: MarkWords): Overlay {
  const sign = { tone: "missed", title: words.missed } as const;
  return {
    nodes: Object.fromEntries(missed(nodes).map((id) => [id, sign])),
    edges: Object.fromEntries(missed(edges).map((key) => [key, sign])),
  };
}

/** Where tests failed. Several may have failed at one node. */
export function failuresOverlay(results: Iterable<Result>, words: MarkWords): Overlay {
  const names = new Map<string, string[]>();
  for (const { name, failure } of results) {
    if (failure?.node) names.set(failure.node, [...(names.get(failure.node) ?? []), name]);
  }
  const nodes = [...names].map(([node, failed]): [string, NodeOverlay] => [
    node,
    { tone: "failed", title: words.failed(failed), ...(failed.length > 1 ? { badge: String(failed.length) } : {}) },
  ]);
  return { nodes: Object.fromEntries(nodes), edges: {} };
}

/** The way that one test's caller went, to where it failed. */
export function wayOverlay(result: Result, flow: Flow, words: MarkWords): Overlay {
  const own = result.steps.filter((step) => step.flow === flow.id);
  const nodes: [string, NodeOverlay][] = own.filter((step) => step.to).map((step) => [step.to, { tone: "passed", title: words.onTheWay }]);
  const edges: [string, EdgeOverlay][] = own.filter((step) => step.from && step.to).map((step) => [passKey(step), { tone: "passed", title: words.onTheWay }]);
  const failed: [string, NodeOverlay][] = result.failure?.node ? [[result.failure.node, { tone: "failed", title: words.failed([result.name]) }]] : [];
  return { nodes: Object.fromEntries([...nodes, ...failed]), edges: Object.fromEntries(edges) };
}

/** The edges that a proposed test would pass for the first time. */
export function proposalOverlay({ covers }: Proposal, words: MarkWords): Overlay {
  return {
    nodes: {},
    edges: Object.fromEntries(covers.map((edge) => [passKey(edge), { tone: "added", title: words.wouldPass } as const])),
  };
}
