import { ArrowLeft } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { CallPath } from "../../core/analytics";
import type { Flow } from "../../core/flow";
import type { NodeTypes } from "../../core/nodeTypes";
import { Overlays } from "../../core/overlay";
import { type CallRecording, type Playback, type Reel, advance, atStart, fieldsAfter, lengthOf, pathOverlay, placeAfter, play, sounds, stepTimes, toMoment, toStep } from "../../core/replay";
import { nodeName } from "../analytics/names";
import { ReadOnlyCanvas } from "../editor/ReadOnlyCanvas";
import { Link } from "../router";
import { useTexts } from "../texts";
import { MakeTest } from "./MakeTest";
import { Player } from "./Player";
import { StepList } from "./StepList";

interface Props {
  readonly call: CallPath;
  readonly recordings: readonly CallRecording[];
  /** The flow of the step that is shown, as it was then. */
  readonly flow: Flow;
  readonly types: NodeTypes;
  onStep(step: number): void;
}

/** Frames are drawn far less often than the screen could: what moves is text and a few signs. */
const TICK_MS = 100;

/** Advances the replay while it plays. */
function usePlayback(reel: Reel): [Playback, (change: (before: Playback) => Playback) => void] {
  const [playback, setPlayback] = useState(atStart);
  useEffect(() => {
    if (!playback.playing) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const seconds = (now - last) / 1000;
      last = now;
      setPlayback((before) => advance(before, reel, seconds));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playback.playing, reel]);
  return [playback, setPlayback];
}

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);

export function Replay({ call, recordings, flow, types, onStep }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const { steps } = call;
  const reel = useMemo<Reel>(() => {
    const times = stepTimes(call);
    const recorded = sounds(call, recordings);
    return { times, recorded, length: lengthOf(call, times, recorded) };
  }, [call, recordings]);
  const [playback, setPlayback] = usePlayback(reel);
  /** Until a step is chosen the path is shown as a whole. */
  const [whole, setWhole] = useState(true);
  const [overlays] = useState(() => new Overlays());
  const at = whole ? steps.length - 1 : playback.at;
  const here = placeAfter(steps[at]);

  useEffect(() => onStep(at), [onStep, at]);
  useEffect(() => {
    const words = { here: t("calls.here"), been: (numbers: readonly number[]) => t("calls.been", { steps: numbers.join(", ") }) };
    overlays.set("replay", pathOverlay(steps, at, flow.id, words));
  }, [overlays, steps, at, flow.id, t]);

  const change = useMemo(() => {
    const by = (next: (before: Playback) => Playback): void => {
      setWhole(false);
      setPlayback(next);
    };
    return {
      step: (index: number) => by((before) => toStep(before, reel, index)),
      back: () => by((before) => toStep(before, reel, before.at - 1)),
      forward: () => by((before) => toStep(before, reel, before.at + 1)),
      seek: (moment: number) => by((before) => toMoment(before, reel, moment)),
      toggle: () => by((before) => (before.playing ? { ...before, playing: false } : play(before, reel))),
      set: (part: Partial<Playback>) => setPlayback((before) => ({ ...before, ...part })),
    };
  }, [setPlayback, reel]);

  useEffect(() => {
    const first = (next: () => void): void => (whole ? change.step(0) : next());
    const keys: Record<string, () => void> = {
      ArrowLeft: change.back,
      ArrowUp: change.back,
      ArrowRight: () => first(change.forward),
      ArrowDown: () => first(change.forward),
      Home: () => change.step(0),
      End: () => change.step(steps.length - 1),
      " ": change.toggle,
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
      // On a button the space bar is the button's own.
      if (event.key === " " && event.target instanceof HTMLElement && event.target.closest("button, a")) return;
      const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [change, whole, steps.length]);

  // An address may ask for the replay to begin.
  useEffect(() => {
    if (new URLSearchParams(location.search).has("play")) change.toggle();
    // Once, when the page is opened.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const facts = [
    [t("analytics.started"), texts.time(call.started)],
    [t("calls.ended"), texts.time(call.ended)],
    [t("analytics.caller"), call.ani || "–"],
    [t("analytics.dialled"), call.dnis || "–"],
    [t("analytics.outcome"), texts.named(`reason.${call.outcome}`).replace(/^reason\./, "") || "–"],
    [t("analytics.version"), call.version === null ? "–" : String(call.version)],
  ];
  const fields = fieldsAfter(steps, at);
  const shownVersion = steps[at]?.version;
  return (
    <>
      <div className="analytics-head">
        <Link to={`/analytics/${encodeURIComponent(flow.id)}`} className="icon-button" aria-label={t("calls.back")} title={t("calls.back")}>
          <ArrowLeft size={17} aria-hidden />
        </Link>
        <h1>{t("calls.title", { call: call.call })}</h1>
        <span className="muted">{texts.pick(flow.name) || flow.id}</span>
        {shownVersion ? <span className="chip">{t("versions.number", { version: shownVersion })}</span> : null}
        <span className="grow" />
        <MakeTest call={call} />
      </div>
      <div className="analytics-body">
        <div className="replay-main">
          <div className="editor-main">
            <ReadOnlyCanvas
              key={flow.id}
              flow={flow}
              types={types}
              overlays={overlays}
              focus={whole ? null : here}
              onSelect={(node) => {
                const found = node === null ? -1 : steps.findIndex((step) => step.to === node && step.flow === flow.id);
                if (found >= 0) change.step(found);
              }}
            />
          </div>
          <Player
            playback={playback}
            reel={reel}
            whole={whole}
            count={steps.length}
            where={here ? nodeName(flow, types, here, texts) : "–"}
            onBack={change.back}
            onForward={() => (whole ? change.step(0) : change.forward())}
            onSeek={change.seek}
            onToggle={change.toggle}
            onSet={change.set}
            onWhole={() => {
              change.set({ playing: false });
              setWhole(true);
            }}
          />
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
          {fields.length > 0 && (
            <section className="call-fields" aria-labelledby="call-fields">
              <h3 id="call-fields">{t("calls.fields")}</h3>
              <dl>
                {fields.map(({ name, value, fresh }) => (
                  <div key={name} className={fresh ? "fresh" : ""}>
                    <dt className="mono">{name}</dt>
                    <dd className="mono">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
                    {fresh && <dd className="chip good">{t("calls.fresh")}</dd>}
                  </div>
                ))}
              </dl>
            </section>
          )}
          <StepList steps={steps} times={reel.times} at={at} flow={flow} types={types} onStep={change.step} />
        </aside>
      </div>
    </>
  );
}
