import { Play } from "lucide-react";
import { useEffect, useState } from "react";
import { type CallsPage, type Range, listCalls } from "../../api/analytics";
import type { Flow } from "../../core/flow";
import type { NodeTypes } from "../../core/nodeTypes";
import { Empty, Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { Link } from "../router";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { nodeName } from "./names";

interface Props {
  readonly id: string;
  readonly range: Range;
  readonly node: string | null;
  readonly flow: Flow;
  readonly types: NodeTypes;
  onAll(): void;
}

export function CallTable({ id, range, node, flow, types, onAll }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const key = `calls ${id} ${range.from} ${range.to} ${range.version} ${node}`;
  const first = useResource(key, () => listCalls(id, range, { node }));
  const [more, setMore] = useState<CallsPage[]>([]);
  useEffect(() => setMore([]), [key]);
  const pages = first.data ? [first.data, ...more] : [];
  const calls = pages.flatMap((page) => page.calls);
  const next = pages.at(-1)?.next;
  const load = async (): Promise<void> => {
    try {
      const page = await listCalls(id, range, { node, after: next ?? null });
      setMore((before) => [...before, page]);
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  if (first.error && !first.data) return <Failed error={first.error} retry={first.reload} />;
  if (!first.data) return <Loading />;
  return (
    <div className="call-table">
      {node && (
        <p className="row pad">
          <span className="chip accent">{nodeName(flow, types, node, texts)}</span>
          <button type="button" className="link small" onClick={onAll}>
            {t("common.all")}
          </button>
        </p>
      )}
      {calls.length === 0 && <Empty>{t("analytics.none")}</Empty>}
      {calls.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>{t("analytics.started")}</th>
              <th>{t("analytics.caller")}</th>
              <th>{t("analytics.outcome")}</th>
              <th className="right">{t("analytics.steps")}</th>
              <th>
                <span className="sr-only">{t("calls.replay")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <tr key={call.call}>
                <td>
                  <Link to={`/calls/${encodeURIComponent(call.call)}`} title={t("analytics.open")}>
                    {texts.time(call.started)}
                  </Link>
                </td>
                <td className="mono">{call.ani || "–"}</td>
                <td>{texts.named(`reason.${call.outcome}`).replace(/^reason\./, "")}</td>
                <td className="right">{texts.number(call.steps)}</td>
                <td className="right">
                  <Link to={`/calls/${encodeURIComponent(call.call)}?play`} className="icon-button" aria-label={`${t("calls.replay")}: ${texts.time(call.started)}, ${call.ani || "–"}`} title={t("calls.replay")}>
                    <Play size={14} aria-hidden />
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next && (
        <div className="pad">
          <button type="button" className="button" onClick={() => void load()}>
            {t("common.more")}
          </button>
        </div>
      )}
    </div>
  );
}
