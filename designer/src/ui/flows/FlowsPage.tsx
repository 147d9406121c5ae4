import { BarChart3, Ellipsis, FileUp, Plus, Trash2, Workflow } from "lucide-react";
import { useState } from "react";
import { type FlowSummary, deleteFlow, listFlows } from "../../api/flows";
import { may } from "../../api/session";
import { find } from "../../core/search";
import { Dialog } from "../parts/Dialog";
import { Menu } from "../parts/Menu";
import { Empty, Failed, Loading } from "../parts/States";
import { Table } from "../parts/Table";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { Link } from "../router";
import { useSession } from "../session";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { ImportDialog } from "./ImportDialog";
import { NewFlowDialog } from "./NewFlowDialog";

export function FlowsPage() {
  const texts = useTexts();
  const { t } = texts;
  const flows = useResource("flows", listFlows);
  const session = useSession((state) => state.session);
  const author = session ? may(session, "author") : false;
  const [query, setQuery] = useState("");
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState(false);
  const [deleting, setDeleting] = useState<FlowSummary | null>(null);

  const shown = find(
    (flows.data ?? []).map((flow) => ({ title: texts.pick(flow.name) || flow.id, words: flow.id, value: flow })),
    query,
    500,
  ).map((hit) => hit.value);

  return (
    <Shell>
      <div className="page">
        <div className="page-head">
          <h1 className="grow">{t("shell.flows")}</h1>
          <input
            type="search"
            className="input page-search"
            placeholder={t("flows.search")}
            aria-label={t("flows.search")}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          {author && (
            <>
              <button type="button" className="button" onClick={() => setImporting(true)}>
                <FileUp size={15} aria-hidden /> {t("flows.import")}
              </button>
              <button type="button" className="button primary" onClick={() => setCreating(true)}>
                <Plus size={15} aria-hidden /> {t("flows.new")}
              </button>
            </>
          )}
        </div>
        {flows.error && !flows.data && <Failed error={flows.error} retry={flows.reload} />}
        {!flows.data && !flows.error && <Loading />}
        {flows.data && shown.length === 0 && (
          <div className="card">
            <Empty icon={<Workflow size={26} aria-hidden />}>{query ? t("flows.noneFound") : t("flows.none")}</Empty>
          </div>
        )}
        {shown.length > 0 && (
          <Table
            columns={[{ title: t("flows.name") }, { title: t("flows.state") }, { title: t("flows.languages") }, { title: t("flows.changed") }]}
          >
            {shown.map((flow) => (
              <tr key={flow.id}>
                <td>
                  <Link to={`/${author ? "flows" : "analytics"}/${encodeURIComponent(flow.id)}`} className="flow-name">
                    {texts.pick(flow.name) || flow.id}
                  </Link>
                  <div className="muted small mono">{flow.id}</div>
                </td>
                <td>
                  {flow.published === null ? (
                    <span className="chip">{t("flows.draft")}</span>
                  ) : (
                    <span className="chip good">{t("flows.published", { version: flow.published })}</span>
                  )}
                </td>
                <td className="muted">{flow.languages.join(", ")}</td>
                <td>
                  {texts.time(flow.changed)}
                  <div className="muted small">{flow.changed_by}</div>
                </td>
                <td>
                  <div className="row row-end">
                    <Link className="button" to={`/analytics/${encodeURIComponent(flow.id)}`}>
                      <BarChart3 size={15} aria-hidden /> {t("flows.analytics")}
                    </Link>
                    {author && (
                      <Menu label={t("flows.more", { flow: texts.pick(flow.name) || flow.id })} button={<Ellipsis size={16} aria-hidden />}>
                        <button type="button" className="danger" onClick={() => setDeleting(flow)}>
                          <Trash2 size={15} aria-hidden /> {t("common.delete")}
                        </button>
                      </Menu>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </div>
      {creating && <NewFlowDialog taken={(flows.data ?? []).map((flow) => flow.id)} onClose={() => setCreating(false)} />}
      {importing && <ImportDialog taken={(flows.data ?? []).map((flow) => flow.id)} onClose={() => setImporting(false)} />}
      {deleting && (
        <DeleteDialog
          flow={deleting}
          onClose={() => setDeleting(null)}
          onDone={() => {
            setDeleting(null);
            flows.reload();
          }}
        />
      )}
    </Shell>
  );
}

function DeleteDialog({ flow, onClose, onDone }: { flow: FlowSummary; onClose(): void; onDone(): void }) {
  const texts = useTexts();
  const { t } = texts;
  const run = async (): Promise<void> => {
    try {
      await deleteFlow(flow.id);
      onDone();
    } catch (error) {
      tell("bad", reasonOf(error));
      onClose();
    }
  };
  return (
    <Dialog
      title={t("flows.deleteTitle", { flow: texts.pick(flow.name) || flow.id })}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button danger" onClick={() => void run()}>
            {t("common.delete")}
          </button>
        </>
      }
    >
      <p>{t("flows.deleteWarning")}</p>
    </Dialog>
  );
}
