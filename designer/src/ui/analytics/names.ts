import { type Flow, nodeById } from "../../core/flow";
import { type NodeTypes, drawnPorts, nodeTitle } from "../../core/nodeTypes";
import { portText } from "../editor/portSigns";
import type { Texts } from "../texts";

/** What people call a node; a node that this version does not have keeps its id. */
export function nodeName(flow: Flow, types: NodeTypes, id: string, texts: Texts): string {
  const node = nodeById(flow, id);
  return node ? nodeTitle(node, types.get(node.type), texts.language) : `${id} ${texts.t("analytics.unknownNode")}`;
}

export function portName(flow: Flow, types: NodeTypes, node: string, port: string, texts: Texts): string {
  const found = nodeById(flow, node);
  const drawn = found && drawnPorts(flow, types, found).find((item) => item.id === port);
  return drawn ? portText(drawn, texts) : port;
}
