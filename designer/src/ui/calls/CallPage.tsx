import { ArrowLeft, ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { callPath, reportedFlow, typesIfAllowed } from "../../api/analytics";
import type { CallPath } from "../../core/analytics";
import type { Flow } from "../../core/flow";
import { type NodeTypes, indexTypes } from "../../core/nodeTypes";
import { GraphView } from "../analytics/GraphView";
import { nodeName, portName } from "../analytics/names";
import { type Marks, unmarked, unmarkedEdge } from "../editor/canvasModel";
import { Failed, Loading } from "../parts/States";
import { useResource } from "../resource";
import { Link } from "../router";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import "../analytics/analytics.css";

/** One call's own way through the flow it ran on, step by step. */
export default function CallPage({ id }: { id: string }) {
  const call = useResource(`call ${id}`, () => callPath(id));
  const types = useResource("node types", typesIfAllowed);
  const [step, setStep] = useState<number | null>(null);
  const at = step ?? (call.data ? call.data.steps.length - 1 : 0);
  const shown = call.data?.steps[at];
  const flowId = shown?.flow || call.data?.flow || "";
  const version = String(shown?.version ?? call.data?.version ?? "");
  const flow = useResource(`call graph ${flowId} ${version}`, async () => (flowId ? reportedFlow(flowId, version) : null));
  const index = useMemo(() => indexTypes(types.data ?? []), [types.data]);
  const error = call.error ?? flow.error;
  return (
    <Shell fixed>
      {error ? (
        <Failed error={error} retry={() => { call.reload(); flow.reload(); }} />
      ) : call.data && flow.data && types.data ? (
        <Replay call={call.data} flow={flow.data} types={index} at={at} whole={step === null} onStep={setStep} />
      ) : (
        <Loading />
      )}
    </Shell>
  );
}

interface ReplayProps {
  readonly call: CallPath;
  readonly flow: Flow;
  readonly types: NodeTypes;
  readonly at: number;
  /** No step was chosen yet: the path is shown as a whole. */
  readonly whole: boolean;
  onStep(step: number | null): void;
}

function Replay({ call, flow, types, at, whole, onStep }: ReplayProps) {
  const texts = useTexts();
  const { t } = texts;
  const steps = call.steps;
  const current = steps[at];
  // At the last step, which leads out, the caller was last seen in the node it came from.
  const here = current ? current.to || current.from : null;

  const marks = useMemo<Marks>(() => {
    const passed = steps.slice(0, at + 1).filter((step) => step.flow === flow.id);
    const nodes = new Set(passed.map((step) => step.to).filter(Boolean));
    const edges = new Set(passed.map((step) => `${step.from}|${step.port}>${step.to}`));
    return {
      node: (id) => (nodes.has(id) || id === here ? { ...unmarked, caller: id === here ? "here" : "been" } : unmarked),
      edge: (key, to) => (edges.has(`${key}>${to}`) ? { ...unmarkedEdge, caller: true } : unmarkedEdge),
    };
  }, [steps, at, flow.id, here]);

  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      if (event.key === "ArrowLeft" || event.key === "ArrowUp") onStep(Math.max(0, at - 1));
      else if (event.key === "ArrowRight" || event.key === "ArrowDown") onStep(Math.min(steps.length - 1, at + 1));
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, [at, steps.length, onStep]);

  const seconds = (time: string): string => {
    const after = Math.max(0, (new Date(time).getTime() - new Date(call.started).getTime()) / 1000);
    return `${Math.floor(after / 60)}:${String(Math.floor(after % 60)).padStart(2, "0")}`;
  };
  const facts = [
    [t("analytics.started"), texts.time(call.started)],
    [t("calls.ended"), texts.time(call.ended)],
    [t("analytics.caller"), call.ani || "–"],
    [t("analytics.dialled"), call.dnis || "–"],
    [t("analytics.outcome"), texts.named(`reason.${call.outcome}`).replace(/^reason\./, "") || "–"],
    [t("analytics.version"), call.version === null ? "–" : String(call.version)],
  ];
  return (
    <>
      <div className="analytics-head">
        <Link to={`/analytics/${encodeURIComponent(flow.id)}`} className="icon-button" aria-label={t("calls.back")} title={t("calls.back")}>
          <ArrowLeft size={17} aria-hidden />
        </Link>
        <h1>{t("calls.title", { call: call.call })}</h1>
        <span className="muted">{texts.pick(flow.name) || flow.id}</span>
      </div>
      <div className="analytics-body">
        <div className="editor-main">
          <GraphView key={flow.id} flow={flow} types={types} marks={marks} selected={null} focus={whole ? null : here} onSelect={(node) => {
            const found = node === null ? -1 : steps.findIndex((step) => step.to === node);
            if (found >= 0) onStep(found);
          }} />
        </div>
        <aside className="side analytics-side" aria-label={t("calls.path")}>
          <dl className="call-facts">
            {facts.map(([name, value]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt className="muted">{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <div className="stepper">
            <button type="button" className="icon-button" aria-label={t("calls.previous")} disabled={at === 0} onClick={() => onStep(at - 1)}>
              <ChevronLeft size={17} aria-hidden />
            </button>
            <span role="status">{t("calls.step", { n: at + 1, count: steps.length })}</span>
            <button type="button" className="icon-button" aria-label={t("calls.next")} disabled={at >= steps.length - 1} onClick={() => onStep(at + 1)}>
              <ChevronRight size={17} aria-hidden />
            </button>
            <span className="grow" />
            <button type="button" className="link small" aria-pressed={whole} onClick={() => onStep(null)}>
              {t("calls.wholePath")}
            </button>
          </div>
          <ol className="path-list side-body">
            {steps.map((step, index) => {
              const fields = Object.entries(step.fields ?? {});
              return (
                <li key={step.n} className={index <= at ? "done" : ""}>
                  <button type="button" aria-current={index === at ? "step" : undefined} onClick={() => onStep(index)}>
                    <span className="muted figures">{index + 1}</span>
                    <span>
                      <strong>{step.to ? nodeName(flow, types, step.to, texts) : texts.named(`reason.${step.reason || "exit"}`)}</strong>
                      {step.port && <span className="muted small"> · {portName(flow, types, step.from, step.port, texts)}</span>}
                      {fields.length > 0 && <span className="small muted mono"> {fields.map(([name, value]) => `${name}=${String(value)}`).join(" ")}</span>}
                    </span>
                    <time className="muted small figures">{seconds(step.time)}</time>
                  </button>
                </li>
              );
            })}
          </ol>
        </aside>
      </div>
    </>
  );
}
