import type { Flow } from "../src/core/flow";
import { type NodeTypes, portsOf } from "../src/core/nodeTypes";
import type { Problem } from "../src/core/problems";

/** A few of the server's checks, enough to see problems come and go. */
export function checkFlow(flow: Flow, types: NodeTypes): Problem[] {
  const problems: Problem[] = [];
  const reached = new Set(flow.edges.map((edge) => edge.to));
  for (const node of flow.nodes) {
    const type = types.get(node.type);
    if (node.type !== "start" && !reached.has(node.id)) {
      problems.push({
        severity: "warning", code: "node.unreachable", node: node.id, port: null, field: null,
        message: { "en-US": "No caller comes here.", "zh-CN": "没有来电者会到达此节点。" },
        fix: { "en-US": "Lead an edge here, or remove the node.", "zh-CN": "请连接到此节点，或将其删除。" },
      });
    }
    for (const port of portsOf(type, node.fields)) {
      if (port.required === false || flow.edges.some((edge) => edge.from === node.id && edge.port === port.id)) continue;
      problems.push({
        severity: "error", code: "port.open", node: node.id, port: port.id, field: null,
        message: { "en-US": `The exit “${port.title["en-US"] ?? port.id}” leads nowhere.`, "zh-CN": `出口“${port.title["zh-CN"] ?? port.id}”未连接。` },
        fix: { "en-US": "Connect it with a node.", "zh-CN": "请将其连接到一个节点。" },
      });
    }
  }
  return problems;
}
