/** Invented callers: each takes exits by fixed odds, so that counts add up as they do in real reports. */
import type { CallPath, CallStep, FlowReport } from "../src/core/analytics";
import type { Flow } from "../src/core/flow";
import { type NodeTypes, portsOf } from "../src/core/nodeTypes";

function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

function walk(flow: Flow, types: NodeTypes, seed: number): CallStep[] {
  const next = chance(seed * 7919 + 1);
  const began = Date.UTC(2026, 0, 5, 1) + seed * 61_000;
  const steps: CallStep[] = [];
  const step = (from: string, port: string, to: string, reason: string): void => {
    steps.push({ n: steps.length + 1, time: new Date(began + steps.length * 6_500).toISOString(), flow: flow.id, version: 1, from, port, to, reason, fields: port === "next" && from === "ticket_number" ? { ticket: "R-0042" } : {} });
  };
  step("", "", "start", "");
  let at = "start";
  for (let n = 0; n < 30; n += 1) {
    const node = flow.nodes.find((item) => item.id === at);
    const ports = portsOf(types.get(node?.type ?? ""), node?.fields ?? {});
    const ways = flow.edges.filter((edge) => edge.from === at).toSorted((a, b) => ports.findIndex((p) => p.id === a.port) - ports.findIndex((p) => p.id === b.port));
    if (ways.length === 0 || next() < 0.05) {
      step(at, "", "", ways.length === 0 ? "exit" : "hangup");
      break;
    }
    const way = ways[Math.min(ways.length - 1, Math.floor(next() ** 2 * ways.length))];
    if (!way) break;
    step(at, way.port, way.to, "");
    at = way.to;
  }
  return steps;
}

const CALLS = 400;
export function reportOf(flow: Flow, types: NodeTypes): FlowReport {
  const steps = Array.from({ length: CALLS }, (_x, n) => walk(flow, types, n + 1)).flat();
  const percent = (count: number, all: number): number => (all ? (100 * count) / all : 0);
  const group = (items: CallStep[], key: (item: CallStep) => string): [CallStep, number][] => {
    const groups = new Map<string, [CallStep, number]>();
    for (const item of items) {
      const found = groups.get(key(item)) ?? [item, 0];
      groups.set(key(item), [found[0], found[1] + 1]);
    }
    return [...groups.values()].toSorted((a, b) => b[1] - a[1]);
  };
  return {
    flow: flow.id,
    nodes: flow.nodes.map(({ id }) => {
      const came = steps.filter((item) => item.to === id);
      const went = steps.filter((item) => item.from === id);
      return {
        node: id, entered: came.length, left: went.length, inside: came.length - went.length,
        from: group(came, (item) => `${item.from}|${item.port}`).map(([item, count]) => ({ node: item.from, port: item.port, count, percent: percent(count, came.length) })),
        to: group(went, (item) => `${item.to}|${item.port}|${item.reason}`).map(([item, count]) => ({ node: item.to, port: item.port, reason: item.reason, count, percent: percent(count, went.length) })),
      };
    }),
  };
}

export function callOf(flow: Flow, types: NodeTypes, call: string): CallPath {
  const n = Number(call.replace(/\D/g, "")) - 1000 || 1;
  const steps = walk(flow, types, n);
  const last = steps.at(-1);
  return { call, started: steps[0]?.time ?? "", ended: last?.time ?? null, ani: `+86139****${String(1000 + n)}`, dnis: "12319", flow: flow.id, version: 1, outcome: last?.reason ?? "", steps };
}

export function callsOf(flow: Flow, types: NodeTypes): object {
  const calls = Array.from({ length: 40 }, (_x, n) => {
    const path = callOf(flow, types, `c-${1001 + n}`);
    return { ...path, steps: path.steps.length };
  });
  return { calls, next: null };
}
