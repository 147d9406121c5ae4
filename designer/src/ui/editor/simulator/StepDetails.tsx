/** One step, opened: variables, prompts as they are heard, what is listened to, events and log. */
import { Undo, X } from "lucide-react";
import type { Entry, SimulatedStep } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";
import { VariableTable } from "./VariableTable";
import { useDebugging, useDebuggingState } from "./debugging";
import { callerText, eventDetail, problemText, recordingName, stepTitle } from "./stepTexts";

const of = <K extends Entry["kind"]>(step: SimulatedStep, kind: K): Extract<Entry, { kind: K }>[] => step.entries.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind);

export function StepDetails({ step, onClose }: { step: SimulatedStep; onClose(): void }) {
  const texts = useTexts();
  const { t } = texts;
  const debugging = useDebugging();
  const voice = useDebuggingState((state) => state.pace === "voice");
  const title = useEditorState((state) => stepTitle(step, state, texts));
  const prompts = of(step, "prompt");
  const heard = of(step, "listen");
  const events = step.entries.filter((entry) => entry.kind === "event" || entry.kind === "caller" || entry.kind === "problem");
  return (
    <section className="step-details" aria-label={t("simulator.details", { n: step.n, node: title })}>
      <div className="row">
        {!voice && (
          <button type="button" className="button small" disabled={!debugging.canGoBack} onClick={() => debugging.back(step.n)}>
            <Undo size={13} aria-hidden /> {t("simulator.details.backHere")}
          </button>
        )}
        <span className="grow" />
        <button type="button" className="icon-button" aria-label={t("simulator.details.close")} title={t("simulator.details.close")} onClick={onClose}>
          <X size={14} aria-hidden />
        </button>
      </div>
      <VariableTable step={step.n} />
      <h3>{t("simulator.details.prompts")}</h3>
      {prompts.length === 0 && <p className="small muted">{t("simulator.details.noPrompts")}</p>}
      <ol className="details-list">
        {prompts.flatMap((prompt, at) =>
          prompt.parts.map((part, index) => (
            <li key={`${at} ${index}`}>
              {part.lang && <span className="chip">{part.lang}</span>}
              {part.audio ? (
                <span className="grow">
                  <span className="mono small">{recordingName(part.audio)}</span>
                  {part.text && <span className="small muted"> {t("simulator.beside", { text: part.text })}</span>}
                </span>
              ) : (
                <span className="grow" lang={part.lang || undefined}>
                  {part.text}
                </span>
              )}
            </li>
          )),
        )}
      </ol>
      <h3>{t("simulator.details.grammars")}</h3>
      {heard.length === 0 && <p className="small muted">{t("simulator.details.noGrammars")}</p>}
      {heard.slice(-1).map((listen) => (
        <ul key="last" className="details-list">
          {listen.grammars.map((grammar, index) => (
            <li key={index}>
              <span className="chip">{t(`simulator.grammar.${grammar.mode}`)}</span>
              <span className="grow wrap-words">
                {grammar.phrases.map((phrase) => (grammar.mode === "dtmf" ? <kbd key={phrase}>{phrase}</kbd> : <q key={phrase}>{phrase}</q>))}
                {grammar.pattern && <code>{grammar.pattern}</code>}
              </span>
            </li>
          ))}
          <li className="small muted">{t("simulator.grammar.timeout", { seconds: listen.timeout })}</li>
        </ul>
      ))}
      <h3>{t("simulator.details.events")}</h3>
      {events.length === 0 && <p className="small muted">{t("simulator.details.noEvents")}</p>}
      <ol className="details-list">
        {events.map((entry, index) => (
          <li key={index}>
            <time className="small muted figures">{entry.t.toFixed(2)}</time>
            {entry.kind === "event" && (
              <span className="grow wrap-words">
                <strong>{texts.named(`event.${entry.event}`)}</strong> {eventDetail(entry)}
              </span>
            )}
            {entry.kind === "caller" && <span className="grow">{callerText(entry.input, texts)}</span>}
            {entry.kind === "problem" && <span className="grow bad-text">{problemText(entry.message, texts)}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
