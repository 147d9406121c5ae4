/** Where two states of a flow differ on the canvas: after undo an author has to see what came back, went, or moved. */
import { type Flow, type FlowNode, edgeKey } from "./flow";

/** The nodes that differ, as the later state has them; those that are gone, as the earlier one had them. */
export function whereChanged(before: Flow, after: Flow): readonly FlowNode[] {
  if (before.nodes !== after.nodes) {
    const old = new Map(before.nodes.map((node) => [node.id, node]));
    const changed = after.nodes.filter((node) => old.get(node.id) !== node);
    if (changed.length > 0) return changed;
    const left = new Set(after.nodes.map(({ id }) => id));
    const gone = before.nodes.filter(({ id }) => !left.has(id));
    if (gone.length > 0) return gone;
  }
  if (before.edges === after.edges) return [];
  const leads = (flow: Flow): Map<string, string> => new Map(flow.edges.map((edge) => [edgeKey(edge), edge.to]));
  const [old, now] = [leads(before), leads(after)];
  const from = new Set([...before.edges, ...after.edges].filter((edge) => old.get(edgeKey(edge)) !== now.get(edgeKey(edge))).map((edge) => edge.from));
  return after.nodes.filter(({ id }) => from.has(id));
}
