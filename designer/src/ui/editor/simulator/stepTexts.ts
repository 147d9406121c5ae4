/** What the simulator's views say of a step, a value, an input. */
import { nodeById } from "../../../core/flow";
import { nodeTitle, portsOf } from "../../../core/nodeTypes";
import type { CallerInput, Entry, SimulatedStep, SpokenPart } from "../../../core/simulation";
import type { EditorState } from "../../../core/editor";
import { type Texts, textsFor } from "../../texts";
import { portText } from "../portSigns";
import { VoiceError } from "./voice";

export const clockText = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function callerText(input: CallerInput, { t, named }: Texts): string {
  if ("dtmf" in input) return t("simulator.did.keys", { keys: input.dtmf });
  if ("say" in input) return `“${input.say}”`;
  if ("noinput" in input) return t("simulator.did.noinput");
  if ("hangup" in input) return t("simulator.did.hangup");
  if ("record" in input) return t("simulator.did.record", { seconds: input.record });
  if ("transfer" in input) return t("simulator.did.transfer", { result: named(`simulator.transfer.${input.transfer}`).replace(/^simulator\.transfer\./, "") });
  return "";
}

export const recordingName = (uri: string): string => {
  const name = uri.split("/").at(-1) ?? uri;
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // an address that is no proper one is shown as it is
  }
};

/** The title of the node that a step entered; that of another flow with the flow's name. */
export function stepTitle(step: SimulatedStep, { history: { flow }, types }: EditorState, { t, language }: Texts): string {
  if (step.flow !== flow.id && step.flow !== "") return `${step.to} (${t("simulator.inFlow", { flow: step.flow })})`;
  const node = nodeById(flow, step.to);
  return node ? nodeTitle(node, types.get(node.type), language) : step.to;
}

/** What led into the step: the port that the node before was left by. */
export function portTitle(step: SimulatedStep, { history: { flow }, types }: EditorState, texts: Texts): string {
  if (!step.port) return "";
  const from = step.flow === flow.id ? nodeById(flow, step.from) : undefined;
  const port = from && portsOf(types.get(from.type), from.fields).find((item) => item.id === step.port);
  return port ? portText(port, texts) : step.port;
}

const HIDDEN = new Set(["bargein", "confidence"]);

export function eventDetail({ event, detail }: Extract<Entry, { kind: "event" }>): string {
  if (event === "input") {
    const said = String(detail["utterance"] ?? "");
    const meant = detail["interpretation"];
    return meant === said || meant === undefined ? said : `${said} → ${JSON.stringify(meant)}`;
  }
  if (event === "answer") {
    const status = Number(detail["status"] ?? 200);
    const value = detail["value"] ?? "";
    // Status 0: nothing came back.
    const given = [status === 200 ? "" : String(status || "✗"), value === "" ? "" : JSON.stringify(value)];
    return `${String(detail["address"] || detail["service"] || "")} → ${given.filter(Boolean).join(" ") || "✓"}`;
  }
  return Object.entries(detail)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" · ");
}

export function valueText(kind: string, value: unknown, { t }: Texts): string {
  if (kind === "undefined" || kind === "xml" || kind === "long" || kind === "unreadable") return t(`simulator.value.${kind}`);
  if (kind === "number" && typeof value === "string") return value;
  return JSON.stringify(value);
}

export function problemText(message: unknown, { t, pick }: Texts): string {
  if (message instanceof VoiceError) return t(`simulator.voice.${message.fault}`);
  if (message instanceof Error) return message.message;
  if (typeof message === "string") return message;
  if (Array.isArray(message)) return message.map((one) => problemText((one as { message?: unknown }).message ?? one, textsFor("en-US"))).join(" ");
  if (typeof message === "object" && message !== null && "en-US" in message) return pick(message as Record<string, string>);
  return JSON.stringify(message);
}

export const partText = (part: SpokenPart): string => part.text || recordingName(part.audio);

/** All words of an entry, for the filter. */
export function entryWords(entry: Entry, texts: Texts): string {
  switch (entry.kind) {
    case "prompt":
      return entry.parts.map((part) => `${part.text} ${recordingName(part.audio)}`).join(" ");
    case "caller":
      return callerText(entry.input, texts);
    case "listen":
      return entry.grammars.map((grammar) => `${grammar.phrases.join(" ")} ${grammar.pattern}`).join(" ");
    case "event":
      return `${texts.named(`event.${entry.event}`)} ${eventDetail(entry)}`;
    case "left":
      return entry.flow;
    case "problem":
      return problemText(entry.message, texts);
  }
}

