/** The call as it went, step by step; each step can be opened. Long calls show their end, and more when asked. */
import { ArrowRight, AudioLines, ChevronRight, Ear, Phone, TriangleAlert, Undo } from "lucide-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { nodeById } from "../../../core/flow";
import { ENTRY_FILTERS, type Entry, type EntryFilter, type SimulatedStep, filterOf } from "../../../core/simulation";
import { type Texts, useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { StepDetails } from "./StepDetails";
import { useDebuggingState } from "./debugging";
import { callerText, clockText, entryWords, eventDetail, portTitle, problemText, recordingName, stepTitle, valueText } from "./stepTexts";

/** Steps that are drawn at first, and so many more each time. */
const WINDOW = 120;

export function Transcript() {
  const texts = useTexts();
  const { t } = texts;
  const steps = useDebuggingState((state) => state.simulation.steps);
  const [shown, setShown] = useState<ReadonlySet<EntryFilter>>(new Set(["talk", "events", "log"]));
  const [words, setWords] = useState("");
  const [most, setMost] = useState(WINDOW);
  const [open, setOpen] = useState<number | null>(null);
  const end = useRef<HTMLDivElement>(null);
  const last = steps.at(-1);
  useEffect(() => {
    if (open === null) end.current?.scrollIntoView({ block: "end" });
  }, [last, open]);
  // The details of the step where the call is go along with it; those of another step stay.
  const newest = last?.n ?? 0;
  const followed = useRef(newest);
  useEffect(() => {
    setOpen((opened) => (opened !== null && (opened === followed.current || opened > newest) ? newest : opened));
    followed.current = newest;
  }, [newest]);

  const sought = words.trim().toLowerCase();
  const found = useMemo(
    () => (sought ? steps.filter((step) => stepWords(step, texts).toLowerCase().includes(sought)) : steps).filter((step) => step.n > 0 || step.entries.length > 0),
    [steps, sought, texts],
  );
  const drawn = found.slice(-most);
  const toggle = (filter: EntryFilter): void => setShown((before) => {
    const after = new Set(before);
    if (!after.delete(filter)) after.add(filter);
    return after;
  });
  return (
    <>
      <div className="transcript-filter" role="group" aria-label={t("simulator.filter")}>
        {ENTRY_FILTERS.map((filter) => (
          <button key={filter} type="button" className="chip-button" aria-pressed={shown.has(filter)} onClick={() => toggle(filter)}>
            {t(`simulator.filter.${filter}`)}
          </button>
        ))}
        <input className="input small" type="search" aria-label={t("simulator.filter.text")} placeholder={t("simulator.filter.text")} value={words} onChange={(event) => setWords(event.target.value)} />
      </div>
      {/* Long conversations are scrolled by the keyboard as well. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="transcript" role="log" aria-label={t("simulator.transcript")} tabIndex={0}>
        {found.length > drawn.length && (
          <button type="button" className="link small" onClick={() => setMost(most + WINDOW)}>
            {t("simulator.earlier", { count: found.length - drawn.length })}
          </button>
        )}
        {found.length === 0 && sought && <p className="small muted">{t("simulator.filter.none")}</p>}
        <ol>
          {drawn.map((step) => (
            <Step key={step.n} step={step} shown={shown} open={open === step.n} last={step === last} onOpen={setOpen} />
          ))}
        </ol>
        <div ref={end} />
      </div>
    </>
  );
}

const stepWords = (step: SimulatedStep, texts: Texts): string => `${step.to} ${step.entries.map((entry) => entryWords(entry, texts)).join(" ")}`;

interface StepProps {
  readonly step: SimulatedStep;
  readonly shown: ReadonlySet<EntryFilter>;
  readonly open: boolean;
  readonly last: boolean;
  onOpen(n: number | null): void;
}

const Step = memo(function Step({ step, shown, open, last, onOpen }: StepProps) {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (open) element.current?.scrollIntoView({ block: "start" });
  }, [open]);
  const state = useEditorState((all) => all);
  const title = stepTitle(step, state, texts);
  const port = portTitle(step, state, texts);
  const entries = step.entries.filter((entry) => {
    const filter = filterOf(entry);
    return filter === null || shown.has(filter);
  });
  return (
    <li ref={element} className={`step${open ? " open" : ""}${last ? " last" : ""}`}>
      {step.n > 0 && (
        <div className="step-line small">
          <button type="button" className="icon-button" aria-expanded={open} aria-label={t("simulator.details", { n: step.n, node: title })} title={t("simulator.details", { n: step.n, node: title })} onClick={() => onOpen(open ? null : step.n)}>
            <ChevronRight size={14} aria-hidden className="turn" />
          </button>
          {port && <span className="muted ellipsis">{port}</span>}
          {port && <ArrowRight size={12} aria-hidden />}
          <button
            type="button"
            className="link ellipsis"
            onClick={() => {
              if (!nodeById(editor.flow, step.to)) return;
              editor.select({ nodes: [step.to] });
              host.fit([step.to]);
            }}
          >
            {title}
          </button>
          <span className="grow" />
          <time className="muted figures">{clockText(step.t)}</time>
        </div>
      )}
      {open && <StepDetails step={step} onClose={() => onOpen(null)} />}
      {!open && entries.map((entry, index) => <Line key={index} entry={entry} />)}
      {!open && shown.has("variables") && <Changes step={step} />}
    </li>
  );
});

export function Line({ entry }: { entry: Entry }) {
  const texts = useTexts();
  const { t } = texts;
  switch (entry.kind) {
    case "prompt":
      return (
        <div className="bubble heard">
          {entry.parts.map((part, index) => (
            <p key={index} lang={part.lang || undefined}>
              {part.audio ? (
                <span className="small row tight" title={part.audio}>
                  <AudioLines size={13} aria-hidden /> {recordingName(part.audio)}
                </span>
              ) : (
                part.text
              )}
            </p>
          ))}
        </div>
      );
    case "caller":
      return (
        <div className="bubble said">
          <Phone size={12} aria-label={t("simulator.caller")} /> {callerText(entry.input, texts)}
        </div>
      );
    case "listen":
      return (
        <p className="event-line small muted">
          <Ear size={12} aria-label={t("simulator.details.grammars")} /> {entry.grammars.map((grammar) => grammar.phrases.slice(0, 12).join(", ") || grammar.pattern).join(" · ")}
        </p>
      );
    case "event":
      return (
        <p className={`event-line small ${entry.event === "throw" && String(entry.detail["name"]).startsWith("error") ? "bad-text" : "muted"}`}>
          <strong>{texts.named(`event.${entry.event}`)}</strong> {entry.event === "exit" ? <span className="chip">{texts.named(`reason.${String(entry.detail["reason"] ?? "exit")}`)}</span> : eventDetail(entry)}
        </p>
      );
    case "left":
      return entry.reason === "return" ? (
        <p className="event-line small muted">
          <Undo size={12} aria-hidden /> {t("simulator.left", { flow: entry.flow })}
        </p>
      ) : null;
    case "problem":
      return (
        <div className="notice bad" role="alert">
          <TriangleAlert size={14} aria-hidden /> {problemText(entry.message, texts)}
        </div>
      );
  }
}

function Changes({ step }: { step: SimulatedStep }) {
  const texts = useTexts();
  const changed = step.changes.flatMap((change) => (change.whole ? [] : change.changed)).filter((one) => one.kind !== "undefined" && one.scope !== "session" && !one.name.startsWith("vx_"));
  return changed.map((one, index) => (
    <p key={index} className="event-line small mono">
      {one.name} = {valueText(one.kind, one.value, texts)}
    </p>
  ));
}
