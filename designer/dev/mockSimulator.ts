/** Walks the draft's graph by its edges: no VoiceXML, but the same messages. */
import type { WebSocket } from "ws";
import { type Flow, type FlowNode, type PromptPiece, nodeById } from "../src/core/flow";
import { type NodeTypes, portsOf } from "../src/core/nodeTypes";
import { promptText } from "../src/core/summary";

const LISTENING: Record<string, string> = { menu: "input", digits: "input", record: "record", queue: "transfer", transfer: "transfer" };

export function simulate(socket: WebSocket, types: NodeTypes): void {
  let flow: Flow | undefined;
  let at: FlowNode | undefined;
  let t = 0;
  const send = (message: object): void => socket.send(JSON.stringify({ t, ...message }));
  const ports = (): string[] => (at ? portsOf(types.get(at.type), at.fields).map((port) => port.id) : []);

  function enter(from: string, port: string, id: string): void {
    if (!flow) return;
    at = nodeById(flow, id);
    send({ type: "step", flow: flow.id, from, port, to: id, reason: "" });
    const prompt = (at?.fields["prompt"] ?? []) as PromptPiece[];
    if (prompt.length > 0) send({ type: "event", event: "prompt", text: promptText(prompt, flow.languages[0] ?? ""), audio: [], bargein: true, lang: flow.languages[0] });
    t += 3;
    const awaited = LISTENING[at?.type ?? ""];
    if (awaited) send({ type: "waiting", for: awaited });
    else leave(ports()[0] ?? "");
  }

  function leave(port: string): void {
    const edge = flow?.edges.find((item) => item.from === at?.id && item.port === port);
    if (edge) enter(edge.from, port, edge.to);
    else end(at?.type === "hangup" ? "exit" : "error", port);
  }

  function end(reason: string, port = ""): void {
    send({ type: "step", flow: flow?.id, from: at?.id, port, to: "", reason });
    send({ type: "event", event: "exit", reason });
  }

  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as Record<string, unknown>;
    if (message["type"] === "start") {
      flow = message["flow"] as Flow;
      enter("", "", flow.nodes.find((node) => node.type === "start")?.id ?? "start");
      return;
    }
    if (message["type"] !== "input") return;
    send({ ...message, type: "caller" });
    if (message["hangup"]) end("hangup");
    else if (message["noinput"]) {
      send({ type: "event", event: "throw", name: "noinput" });
      if (ports().includes("noinput") && flow?.edges.some((edge) => edge.from === at?.id && edge.port === "noinput")) leave("noinput");
      else send({ type: "waiting", for: "input" });
    } else if (message["transfer"]) leave(message["transfer"] === "answered" ? "next" : String(message["transfer"]));
    else {
      const said = String(message["dtmf"] ?? message["say"] ?? "");
      send({ type: "event", event: "input", mode: message["say"] ? "voice" : "dtmf", utterance: said });
      leave(at?.type === "menu" ? (ports().includes(said) ? said : "nomatch") : "next");
    }
  });
}
