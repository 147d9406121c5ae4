import { ArrowRight, Check, CircleDashed } from "lucide-react";
import { missed, shareOf } from "../../../core/coverage";
import type { PassedEdge } from "../../../core/conversationTests";
import { edgeKey, nodeById, type Flow } from "../../../core/flow";
import { nodeTitle, portsOf, type NodeTypes } from "../../../core/nodeTypes";
import { storedResults, testCoverage } from "../../../core/testing";
import { Bar } from "../../parts/Bar";
import { Empty } from "../../parts/States";
import { type Texts, useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { portText } from "../portSigns";
import { useTesting, useTestingState } from "./use";

function titleOf(flow: Flow, types: NodeTypes, id: string, texts: Texts): string {
  const node = nodeById(flow, id);
  return node ? nodeTitle(node, types.get(node.type), texts.language) : id;
}

/** "Main menu · 1 · One → Roads", for an edge's key with its end. */
export function wayText(flow: Flow, types: NodeTypes, edge: PassedEdge, texts: Texts): PassedEdge {
  const name = (id: string): string => titleOf(flow, types, id, texts);
  const node = nodeById(flow, edge.from);
  const port = node && portsOf(types.get(node.type), node.fields).find((one) => one.id === edge.port);
  return { from: name(edge.from), port: port ? portText(port, texts) : edge.port, to: name(edge.to) };
}

/** How much of the flow the tests pass, what they miss, and which of them pass where the author points. */
export function CoverageView() {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const testing = useTesting();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const state = useTestingState((all) => all);
  if (storedResults(state).length === 0) {
    return (
      <Empty>
        <p>{state.tests?.length ? t("tests.notRunYet") : t("tests.none")}</p>
        {state.tests?.length ? (
          <button type="button" className="button" disabled={state.run !== null} onClick={() => void testing.runAll()}>
            {t("action.tests.runAll")}
          </button>
        ) : null}
      </Empty>
    );
  }
  const coverage = testCoverage(state, flow);
  const go = (nodes: string[], edges: string[], seen: string[]): void => {
    editor.select({ nodes, edges });
    host.fit(seen);
  };
  const title = (id: string): string => titleOf(flow, types, id, texts);
  const missingNodes = missed(coverage.nodes);
  const missingEdges = flow.edges.filter((edge) => coverage.edges.get(`${edgeKey(edge)}>${edge.to}`)?.length === 0);
  return (
    <div className="coverage stack">
      <dl className="coverage-shares">
        {(["nodes", "edges"] as const).map((part) => {
          const { passed, all, percent } = shareOf(coverage[part]);
          return (
            <div key={part}>
              <dt>{t(`tests.${part}`)}</dt>
              <dd>
                <strong className="figures">{texts.percent(percent)}</strong>
                <Bar share={percent} tone="var(--good)" />
                <span className="muted small">{t("tests.ofAll", { passed, all })}</span>
              </dd>
            </div>
          );
        })}
      </dl>
      <p className="legend small" aria-label={t("tests.legend")}>
        <span>
          <span className="over-sign over-passed">
            <Check size={12} aria-hidden />
            <span className="over-text">3</span>
          </span>
          {t("tests.legend.passed")}
        </span>
        <span>
          <span className="over-sign over-missed">
            <CircleDashed size={12} aria-hidden />
          </span>
          {t("tests.legend.missed")}
        </span>
      </p>
      <PassedHere />
      {missingEdges.length === 0 && missingNodes.length === 0 ? (
        <p className="notice good">{t("tests.allPassed")}</p>
      ) : (
        <>
          <button type="button" className="button" disabled={state.run !== null || state.proposing} onClick={() => void testing.propose()}>
            {t("action.tests.propose")}
          </button>
          {missingNodes.length > 0 && (
            <section aria-labelledby="missing-nodes">
              <h3 id="missing-nodes">{t("tests.missingNodes", { count: missingNodes.length })}</h3>
              <ul className="missing">
                {missingNodes.map((id) => (
                  <li key={id}>
                    <button type="button" onClick={() => go([id], [], [id])}>
                      <CircleDashed size={13} className="muted" aria-hidden /> <span className="ellipsis">{title(id)}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {missingEdges.length > 0 && (
            <section aria-labelledby="missing-edges">
              <h3 id="missing-edges">{t("tests.missingEdges", { count: missingEdges.length })}</h3>
              {[...new Set(missingEdges.map((edge) => edge.from))].map((from) => (
                <div key={from} className="missing">
                  <p className="ellipsis">
                    <strong>{title(from)}</strong>
                  </p>
                  <ul>
                    {missingEdges.filter((edge) => edge.from === from).map((edge) => {
                      const way = wayText(flow, types, edge, texts);
                      return (
                        <li key={edgeKey(edge)}>
                          <button type="button" onClick={() => go([], [edgeKey(edge)], [edge.from, edge.to])}>
                            <CircleDashed size={13} className="muted" aria-hidden />
                            <span className="ellipsis">{way.port}</span>
                            <ArrowRight size={12} className="muted" aria-hidden />
                            <span className="ellipsis">{way.to}</span>
                          </button>
                        </li>
                      );
                    })}
                  </ul>
                </div>
              ))}
            </section>
          )}
        </>
      )}
    </div>
  );
}

/** The tests that pass through what is selected on the canvas. */
function PassedHere() {
  const texts = useTexts();
  const { t } = texts;
  const testing = useTesting();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const selection = useEditorState((state) => state.selection);
  const state = useTestingState((all) => all);
  const [node] = selection.nodes;
  const edge = flow.edges.find((one) => edgeKey(one) === selection.edges[0]);
  if (!node && !edge) return <p className="muted small">{t("tests.pickPlace")}</p>;
  const coverage = testCoverage(state, flow);
  const tests = (node ? coverage.nodes.get(node) : edge && coverage.edges.get(`${edgeKey(edge)}>${edge.to}`)) ?? [];
  const way = edge && wayText(flow, types, edge, texts);
  const place = node ? titleOf(flow, types, node, texts) : way ? `${way.from} · ${way.port} → ${way.to}` : "";
  const open = (name: string): void => {
    testing.show("tests");
    testing.choose(name);
  };
  return (
    <section className="passed-here" aria-live="polite">
      <h3>{t("tests.passHere", { place, count: tests.length })}</h3>
      {tests.length === 0 ? (
        <p className="muted small">{t("tests.missed")}</p>
      ) : (
        <ul>
          {tests.map((name) => (
            <li key={name}>
              <button type="button" className="link" onClick={() => open(name)}>
                {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
