import { Clock, Delete, PhoneOff, Play, RotateCcw, Send } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { CallerInput } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { Transcript } from "./Transcript";
import type { SimulatorHandle } from "./connection";

const KEYS = [..."123456789*0#"];
const LETTERS: Record<string, string> = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const TRANSFERS = ["answered", "busy", "noanswer"] as const;
const RECORDED_S = 5;
const TALKED_S = 30;

/** A call to the draft, as text: what is heard, and what the caller does. */
export function Simulator({ simulator }: { simulator: SimulatorHandle }) {
  const { t } = useTexts();
  const { simulation, setup, setSetup, start, send, stop } = simulator;
  const running = simulation.state === "running";
  const [keys, setKeys] = useState("");
  const [words, setWords] = useState("");
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => void end.current?.scrollIntoView({ block: "end" }), [simulation.entries.length]);

  const act = (input: CallerInput): void => {
    send(input);
    setKeys("");
    setWords("");
  };
  const say = (event: FormEvent): void => {
    event.preventDefault();
    if (words.trim()) act(/^[0-9*#]+$/.test(words.trim()) ? { dtmf: words.trim() } : { say: words.trim() });
  };

  return (
    <div className="simulator">
      {!running && (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            start();
          }}
        >
          <div className="form-two">
            <label className="field">
              <span className="label">{t("simulator.ani")}</span>
              <input className="input mono" value={setup.ani} onChange={(event) => setSetup({ ...setup, ani: event.target.value })} />
            </label>
            <label className="field">
              <span className="label">{t("simulator.dnis")}</span>
              <input className="input mono" value={setup.dnis} onChange={(event) => setSetup({ ...setup, dnis: event.target.value })} />
            </label>
          </div>
          <label className="field">
            <span className="label">{t("simulator.now")}</span>
            <input className="input" type="datetime-local" value={setup.now} onChange={(event) => setSetup({ ...setup, now: event.target.value })} />
          </label>
          <button type="submit" className="button primary">
            {simulation.state === "idle" ? <Play size={14} aria-hidden /> : <RotateCcw size={14} aria-hidden />}
            {simulation.state === "idle" ? t("simulator.start") : t("simulator.again")}
          </button>
        </form>
      )}
      <div className="transcript" role="log" aria-label={t("simulator.transcript")}>
        {simulation.state === "idle" && <p className="muted pad">{t("simulator.lead")}</p>}
        <Transcript simulation={simulation} />
        <div ref={end} />
      </div>
      {running && (
        <div className="caller">
          <p className="small row" role="status">
            <span className={simulation.awaiting ? "dot live" : "dot"} aria-hidden />
            {simulation.awaiting ? t(`simulator.awaiting.${simulation.awaiting}`) : t("simulator.working")}
          </p>
          {simulation.awaiting === "transfer" && (
            <div className="row wrap">
              {TRANSFERS.map((result) => (
                <button key={result} type="button" className="button" onClick={() => act(result === "answered" ? { transfer: result, after: TALKED_S } : { transfer: result })}>
                  {t(`simulator.transfer.${result}`)}
                </button>
              ))}
            </div>
          )}
          {simulation.awaiting === "record" && (
            <button type="button" className="button" onClick={() => act({ record: RECORDED_S, end: "#" })}>
              {t("simulator.record", { seconds: RECORDED_S })}
            </button>
          )}
          <div className="keypad" role="group" aria-label={t("simulator.keypad")}>
            {KEYS.map((key) => (
              <button key={key} type="button" aria-label={t("port.key", { key })} onClick={() => (keys || words ? setKeys(keys + key) : act({ dtmf: key }))} onContextMenu={(event) => { event.preventDefault(); setKeys(keys + key); }}>
                {key}
                {LETTERS[key] && <small aria-hidden>{LETTERS[key]}</small>}
              </button>
            ))}
          </div>
          <form className="row" onSubmit={say}>
            <input className="input" aria-label={t("simulator.say")} placeholder={t("simulator.sayPlaceholder")} value={keys || words} onChange={(event) => { setKeys(""); setWords(event.target.value); }} />
            {keys ? (
              <button type="button" className="icon-button" aria-label={t("simulator.clear")} onClick={() => setKeys("")}>
                <Delete size={16} aria-hidden />
              </button>
            ) : null}
            <button type={keys ? "button" : "submit"} className="icon-button" aria-label={t("simulator.send")} title={t("simulator.send")} onClick={() => keys && act({ dtmf: keys })}>
              <Send size={16} aria-hidden />
            </button>
          </form>
          <div className="row wrap">
            <button type="button" className="button" onClick={() => act({ noinput: true })}>
              <Clock size={14} aria-hidden /> {t("simulator.noinput")}
            </button>
            <button type="button" className="button danger" onClick={() => act({ hangup: true })}>
              <PhoneOff size={14} aria-hidden /> {t("simulator.hangup")}
            </button>
            <span className="grow" />
            <button type="button" className="icon-button" onClick={start} aria-label={t("simulator.again")} title={t("simulator.again")}>
              <RotateCcw size={15} aria-hidden />
            </button>
            <button type="button" className="link small" onClick={stop}>
              {t("simulator.stop")}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
