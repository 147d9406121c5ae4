import { ArrowRight, AudioLines, Phone, TriangleAlert } from "lucide-react";
import { nodeById, pickText } from "../../../core/flow";
import { nodeTitle, portsOf } from "../../../core/nodeTypes";
import type { CallerInput, Entry, PathStep, Simulation } from "../../../core/simulation";
import { type Texts, useTexts } from "../../texts";
import { useActionContext } from "../context";
import { portText } from "../portSigns";

function callerText(input: CallerInput, { t }: Texts): string {
  if ("dtmf" in input) return t("simulator.did.keys", { keys: input.dtmf });
  if ("say" in input) return `“${input.say}”`;
  if ("noinput" in input) return t("simulator.did.noinput");
  if ("hangup" in input) return t("simulator.did.hangup");
  if ("record" in input) return t("simulator.did.record", { seconds: input.record });
  return t("simulator.did.transfer", { result: input.transfer });
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function Transcript({ simulation }: { simulation: Simulation }) {
  return (
    <ol>
      {simulation.entries.map((entry, index) => (
        <li key={index}>
          <Line entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Line({ entry }: { entry: Entry }) {
  const texts = useTexts();
  switch (entry.kind) {
    case "prompt":
      return (
        <div className="bubble heard" lang={entry.lang || undefined}>
          {entry.text && <p>{entry.text}</p>}
          {entry.audio.map((uri) => (
            <p key={uri} className="small row tight" title={uri}>
              <AudioLines size={13} aria-hidden /> {decodeURIComponent(uri.split("/").at(-1) ?? uri)}
            </p>
          ))}
          <time className="small muted figures">{clock(entry.t)}</time>
        </div>
      );
    case "caller":
      return (
        <div className="bubble said">
          <Phone size={12} aria-label={texts.t("simulator.caller")} /> {callerText(entry.input, texts)}
        </div>
      );
    case "step":
      return <StepLine step={entry.step} />;
    case "event":
      return (
        <p className={`event-line small ${entry.event === "throw" && String(entry.detail["name"]).startsWith("error") ? "bad-text" : "muted"}`}>
          <strong>{texts.named(`event.${entry.event}`)}</strong> {eventDetail(entry)}
        </p>
      );
    case "problem":
      return (
        <div className="notice bad" role="alert">
          <TriangleAlert size={14} aria-hidden /> {problemText(entry.message, texts)}
        </div>
      );
  }
}

function StepLine({ step }: { step: PathStep }) {
  const texts = useTexts();
  const { editor, host } = useActionContext();
  const { flow } = editor;
  const types = editor.state.types;
  const from = nodeById(flow, step.from);
  const port = from && portsOf(types.get(from.type), from.fields).find((item) => item.id === step.port);
  const to = nodeById(flow, step.to);
  if (!step.to) {
    return (
      <p className="step-line small">
        <span className="chip">{texts.named(`reason.${step.reason || "exit"}`)}</span>
      </p>
    );
  }
  return (
    <p className="step-line small">
      {step.port && <span className="muted">{port ? portText(port, texts) : step.port}</span>}
      <ArrowRight size={12} aria-hidden />
      <button
        type="button"
        className="link"
        onClick={() => {
          if (!to) return;
          editor.select({ nodes: [to.id] });
          host.fit([to.id]);
        }}
      >
        {to ? nodeTitle(to, types.get(to.type), texts.language) : step.to}
      </button>
    </p>
  );
}

const HIDDEN = new Set(["bargein"]);

function eventDetail({ detail }: Extract<Entry, { kind: "event" }>): string {
  return Object.entries(detail)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" · ");
}

function problemText(message: unknown, texts: Texts): string {
  if (typeof message === "string") return message;
  if (Array.isArray(message)) return message.map((item) => problemText((item as { message?: unknown } | null)?.message ?? item, texts)).join(" ");
  return typeof message === "object" && message !== null ? pickText(message as Record<string, string>, texts.language) : String(message);
}
