import { ListFilter, LogIn, LogOut } from "lucide-react";
import { type FlowReport, callsIn, endings } from "../../core/analytics";
import { type Flow, nodeById } from "../../core/flow";
import type { NodeTypes } from "../../core/nodeTypes";
import { NodeIcon, categoryStyle } from "../editor/nodeIcons";
import { Share } from "../parts/Bar";
import { Empty } from "../parts/States";
import { useTexts } from "../texts";
import { nodeName, portName } from "./names";

interface Props {
  readonly report: FlowReport;
  readonly flow: Flow;
  readonly types: NodeTypes;
  onNode(node: string): void;
}

/** Where callers came from and where they went, for one node. */
export function NodeFigures({ report, flow, types, node: id, onNode, onCalls }: Props & { node: string; onCalls(): void }) {
  const texts = useTexts();
  const { t } = texts;
  const node = nodeById(flow, id);
  const type = types.get(node?.type ?? "");
  const found = report.nodes.find((item) => item.node === id);
  const figures = [
    [t("analytics.entered"), found?.entered ?? 0],
    [t("analytics.left"), found?.left ?? 0],
    [t("analytics.inside"), found?.inside ?? 0],
  ] as const;
  const link = (name: string) =>
    name ? (
      <button type="button" className="link ellipsis" onClick={() => onNode(name)}>
        {nodeName(flow, types, name, texts)}
      </button>
    ) : (
      <span className="muted">{t("analytics.entry")}</span>
    );
  return (
    <div className="figures-panel">
      <div className="properties-head" style={categoryStyle(type?.category)}>
        <span className="card-icon">
          <NodeIcon type={type} size={17} />
        </span>
        <div className="grow">
          <h2>{nodeName(flow, types, id, texts)}</h2>
          <div className="muted small mono">{id}</div>
        </div>
      </div>
      <dl className="big-figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt className="small muted">{label}</dt>
            <dd className="figures">{texts.number(value)}</dd>
          </div>
        ))}
      </dl>
      {!found || found.entered === 0 ? (
        <p className="muted pad-x">{t("analytics.none")}</p>
      ) : (
        <>
          <section className="form-section">
            <h3 className="row tight">
              <LogIn size={13} aria-hidden /> {t("analytics.cameFrom")}
            </h3>
            <table className="ways">
              <tbody>
                {found.from.map((way) => (
                  <tr key={`${way.node} ${way.port}`}>
                    <td>
                      {link(way.node)}
                      {way.port && <div className="small muted ellipsis">{portName(flow, types, way.node, way.port, texts)}</div>}
                    </td>
                    <td>
                      <Share count={way.count} percent={way.percent} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <section className="form-section">
            <h3 className="row tight">
              <LogOut size={13} aria-hidden /> {t("analytics.wentTo")}
            </h3>
            <table className="ways">
              <tbody>
                {found.to.map((way) => (
                  <tr key={`${way.node} ${way.port} ${way.reason}`}>
                    <td>
                      {way.node ? link(way.node) : <span>{texts.named(`reason.${way.reason || "exit"}`)}</span>}
                      {way.port && <div className="small muted ellipsis">{portName(flow, types, id, way.port, texts)}</div>}
                    </td>
                    <td>
                      <Share count={way.count} percent={way.percent} tone={way.node ? "var(--accent)" : "var(--end)"} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <div className="pad-x">
            <button type="button" className="button" onClick={onCalls}>
              <ListFilter size={14} aria-hidden /> {t("analytics.callsHere")}
            </button>
          </div>
        </>
      )}
    </div>
  );
}

const SHOWN = 12;

/** The whole flow at a glance: the nodes most visited, and how calls end. */
export function Overview({ report, flow, types, onNode }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const all = callsIn(report);
  const busiest = report.nodes.toSorted((a, b) => b.entered - a.entered).slice(0, SHOWN);
  const most = busiest[0]?.entered ?? 0;
  const ends = new Map<string, number>();
  for (const node of report.nodes) for (const end of endings(node)) ends.set(end.reason, (ends.get(end.reason) ?? 0) + end.count);
  if (most === 0) return <Empty>{t("analytics.none")}</Empty>;
  return (
    <div className="figures-panel">
      <p className="muted pad-x lead">{t("analytics.pick")}</p>
      <section className="form-section">
        <h3>{t("analytics.busiest")}</h3>
        <table className="ways">
          <tbody>
            {busiest.map((item) => (
              <tr key={item.node}>
                <td>
                  <button type="button" className="link ellipsis" onClick={() => onNode(item.node)}>
                    {nodeName(flow, types, item.node, texts)}
                  </button>
                </td>
                <td>
                  <Share count={item.entered} percent={all ? (100 * item.entered) / all : 0} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="form-section">
        <h3>{t("analytics.endings")}</h3>
        <table className="ways">
          <tbody>
            {[...ends]
              .toSorted(([, a], [, b]) => b - a)
              .map(([reason, count]) => (
                <tr key={reason}>
                  <td>{texts.named(`reason.${reason}`)}</td>
                  <td>
                    <Share count={count} percent={all ? (100 * count) / all : 0} tone={reason === "error" ? "var(--bad)" : "var(--end)"} />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
