import { ArrowLeft, PenLine, RefreshCw } from "lucide-react";
import { useMemo, useState } from "react";
import { type Range, flowReport, reportedFlow, typesIfAllowed } from "../../api/analytics";
import { listVersions } from "../../api/flows";
import { may } from "../../api/session";
import { callsIn, edgeCounts, edgeWidth, mostOf } from "../../core/analytics";
import { indexTypes } from "../../core/nodeTypes";
import { type Marks, unmarked, unmarkedEdge } from "../editor/canvasModel";
import { Failed, Loading } from "../parts/States";
import { useResource } from "../resource";
import { Link } from "../router";
import { useSession } from "../session";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import { CallTable } from "./CallTable";
import { GraphView } from "./GraphView";
import { NodeFigures, Overview } from "./NodeFigures";
import { PERIODS, type Period, localToIso, periodRange } from "./period";
import "./analytics.css";

export default function AnalyticsPage({ id }: { id: string }) {
  const texts = useTexts();
  const { t } = texts;
  const session = useSession((state) => state.session);
  const [period, setPeriod] = useState<Period>("week");
  const [range, setRange] = useState<Range>(() => ({ ...periodRange("week", Date.now()), version: "" }));
  const [node, setNode] = useState<string | null>(null);
  const [view, setView] = useState<"node" | "calls">("node");

  const key = `${id} ${range.from} ${range.to} ${range.version}`;
  const report = useResource(`report ${key}`, () => flowReport(id, range));
  const flow = useResource(`graph ${id} ${range.version}`, () => reportedFlow(id, range.version));
  const types = useResource("node types", typesIfAllowed);
  const versions = useResource(`versions ${id}`, () => listVersions(id));
  const index = useMemo(() => indexTypes(types.data ?? []), [types.data]);

  const marks = useMemo<Marks>(() => {
    if (!report.data) return { node: () => unmarked, edge: () => unmarkedEdge };
    const byNode = new Map(report.data.nodes.map((item) => [item.node, item]));
    const counts = edgeCounts(report.data);
    const most = mostOf(counts.values());
    const entered = Math.max(1, ...report.data.nodes.map((item) => item.entered));
    return {
      node: (name) => {
        const count = byNode.get(name)?.entered ?? 0;
        return { ...unmarked, entered: count, share: (100 * count) / entered };
      },
      edge: (name, to) => {
        const { count, percent } = counts.get(`${name}>${to}`) ?? { count: 0, percent: 0 };
        return { ...unmarkedEdge, count, percent, width: edgeWidth(count, most) };
      },
    };
  }, [report.data]);

  const choose = (next: Period): void => {
    setPeriod(next);
    if (next !== "own") setRange({ ...range, ...periodRange(next, Date.now()) });
  };
  const error = flow.error ?? report.error;
  return (
    <Shell fixed>
      <div className="analytics-head">
        <Link to="/" className="icon-button" aria-label={t("shell.flows")} title={t("shell.flows")}>
          <ArrowLeft size={17} aria-hidden />
        </Link>
        <h1>{flow.data ? texts.pick(flow.data.name) || id : id}</h1>
        {report.data && (
          <span className="chip accent">
            {t("analytics.callsIn")}: {texts.number(callsIn(report.data))}
          </span>
        )}
        <span className="grow" />
        <div className="segments" role="group" aria-label={t("analytics.range")}>
          {[...(Object.keys(PERIODS) as (keyof typeof PERIODS)[]), "own" as const].map((item) => (
            <button key={item} type="button" aria-pressed={period === item} onClick={() => choose(item)}>
              {t(`analytics.range.${item}`)}
            </button>
          ))}
        </div>
        {period === "own" && (
          <>
            <input type="datetime-local" className="input own-time" aria-label={t("analytics.from")} onChange={(event) => setRange({ ...range, from: localToIso(event.target.value) })} />
            <input type="datetime-local" className="input own-time" aria-label={t("analytics.to")} onChange={(event) => setRange({ ...range, to: localToIso(event.target.value) })} />
          </>
        )}
        <select className="input version-select" aria-label={t("analytics.version")} value={range.version} onChange={(event) => setRange({ ...range, version: event.target.value })}>
          <option value="">
            {t("analytics.version")}: {t("common.all")}
          </option>
          {(versions.data ?? []).map(({ version }) => (
            <option key={version} value={version}>
              {t("versions.number", { version })}
            </option>
          ))}
        </select>
        <button type="button" className="icon-button" aria-label={t("common.refresh")} title={t("common.refresh")} onClick={() => (period === "own" ? report.reload() : choose(period))}>
          <RefreshCw size={15} aria-hidden className={report.loading ? "spin" : ""} />
        </button>
        {session && may(session, "author") && (
          <Link to={`/flows/${encodeURIComponent(id)}`} className="button">
            <PenLine size={14} aria-hidden /> {t("analytics.edit")}
          </Link>
        )}
      </div>
      {error && (!flow.data || !report.data) ? (
        <Failed error={error} retry={() => { flow.reload(); report.reload(); }} />
      ) : !flow.data || !report.data || !types.data ? (
        <Loading />
      ) : (
        <div className="analytics-body">
          <div className="editor-main">
            <GraphView flow={flow.data} types={index} marks={marks} selected={node} onSelect={setNode} />
          </div>
          <aside className="side analytics-side" aria-label={t("analytics.title")}>
            <div className="tabs" role="tablist" aria-label={t("analytics.title")}>
              <button type="button" role="tab" aria-selected={view === "node"} onClick={() => setView("node")}>
                {t("analytics.nodes")}
              </button>
              <button type="button" role="tab" aria-selected={view === "calls"} onClick={() => setView("calls")}>
                {t("analytics.calls")}
              </button>
            </div>
            <div className="side-body" role="tabpanel">
              {view === "node" && node && <NodeFigures report={report.data} flow={flow.data} types={index} node={node} onNode={setNode} onCalls={() => setView("calls")} />}
              {view === "node" && !node && <Overview report={report.data} flow={flow.data} types={index} onNode={setNode} />}
              {view === "calls" && <CallTable id={id} range={range} node={node} flow={flow.data} types={index} onAll={() => setNode(null)} />}
            </div>
          </aside>
        </div>
      )}
    </Shell>
  );
}
