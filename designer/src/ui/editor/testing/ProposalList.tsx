import { ArrowRight, CircleHelp, Pencil, Plus } from "lucide-react";
import { useState } from "react";
import type { Proposal } from "../../../core/conversationTests";
import { Empty } from "../../parts/States";
import { reasonOf } from "../../refusals";
import { useTexts } from "../../texts";
import { tell } from "../../toasts";
import { useActionContext, useEditorState } from "../context";
import { wayText } from "./CoverageView";
import { useTesting, useTestingState } from "./use";

/** Proposed tests for what no test passes; what a test would add lights up while it is pointed at. */
export function ProposalList() {
  const { t } = useTexts();
  const testing = useTesting();
  const proposals = useTestingState((state) => state.proposals);
  const busy = useTestingState((state) => state.run !== null || state.proposing);
  const [storing, setStoring] = useState(false);
  const accept = async (chosen: readonly Proposal[]): Promise<void> => {
    setStoring(true);
    try {
      await testing.accept(chosen);
    } catch (error) {
      tell("bad", reasonOf(error));
    } finally {
      setStoring(false);
    }
  };
  if (proposals === null) {
    return (
      <Empty>
        <p>{t("tests.proposeLead")}</p>
        <button type="button" className="button" disabled={busy} onClick={() => void testing.propose()}>
          {t("action.tests.propose")}
        </button>
      </Empty>
    );
  }
  const tried = proposals.filter((proposal) => proposal.tried);
  const unknown = proposals.filter((proposal) => !proposal.tried);
  if (proposals.length === 0) return <Empty>{t("tests.nothingMissing")}</Empty>;
  return (
    <div className="proposals stack">
      {tried.length > 0 && (
        <section aria-labelledby="proposals-tried" className="stack">
          <div className="row">
            <h3 id="proposals-tried" className="grow">
              {t("tests.proposed", { count: tried.length })}
            </h3>
            <button type="button" className="button" disabled={busy || storing} onClick={() => void accept(tried)}>
              <Plus size={14} aria-hidden /> {t("tests.acceptAll")}
            </button>
          </div>
          <ul>
            {tried.map((proposal) => (
              <ProposalItem key={proposal.name} proposal={proposal} busy={busy || storing} onAccept={() => void accept([proposal])} />
            ))}
          </ul>
        </section>
      )}
      {unknown.length > 0 && (
        <section aria-labelledby="proposals-unknown" className="stack">
          <div>
            <h3 id="proposals-unknown">{t("tests.unknown", { count: unknown.length })}</h3>
            <p className="muted small">{t("tests.unknownHelp")}</p>
          </div>
          <ul>
            {unknown.map((proposal) => (
              <ProposalItem key={proposal.name} proposal={proposal} busy={busy || storing} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function ProposalItem({ proposal, busy, onAccept }: { proposal: Proposal; busy: boolean; onAccept?: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  const testing = useTesting();
  const { host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const pointed = useTestingState((state) => state.pointed === proposal.name);
  const point = (): void => testing.point(proposal.name);
  const [first, ...others] = proposal.covers;
  const way = first && wayText(flow, types, first, texts);
  return (
    <li className={pointed ? "proposal pointed" : "proposal"} onPointerEnter={point} onPointerLeave={() => testing.point(null)} onFocus={point} onBlur={() => testing.point(null)}>
      <button type="button" className="proposal-way" title={t("tests.showOnCanvas")} onClick={() => first && host.fit(proposal.covers.flatMap((edge) => [edge.from, edge.to]))}>
        {way && (
          <>
            <strong className="ellipsis">{way.from}</strong>
            <span className="row tight">
              <span className="ellipsis">{way.port}</span>
              <ArrowRight size={12} aria-hidden />
              <span className="ellipsis">{way.to}</span>
            </span>
          </>
        )}
      </button>
      {others.length > 0 && <p className="muted small">{t("tests.alsoCovers", { count: others.length })}</p>}
      {proposal.unknown.map((reason, index) => (
        <p key={index} className="small row tight">
          <CircleHelp size={13} className="warn-text" aria-hidden /> <span>{texts.pick(reason)}</span>
        </p>
      ))}
      <div className="row">
        {onAccept && (
          <button type="button" className="link" disabled={busy} aria-label={t("tests.acceptOne", { name: proposal.name })} onClick={onAccept}>
            <Plus size={13} aria-hidden /> {t("tests.accept")}
          </button>
        )}
        <button type="button" className="link" aria-label={t("tests.readOne", { name: proposal.name })} onClick={() => testing.edit({ test: proposal, stored: null })}>
          <Pencil size={12} aria-hidden /> {onAccept ? t("tests.read") : t("tests.fillIn")}
        </button>
      </div>
    </li>
  );
}
