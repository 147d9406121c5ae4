import { Clock, CircleSlash, Delete, PhoneOff, Send } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { type CallerInput, type Timer, listeningTo, wrongKey } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { useDebugging, useDebuggingState } from "./debugging";

const KEYS = [..."123456789*0#"];
const LETTERS: Record<string, string> = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const TRANSFERS = ["answered", "busy", "noanswer"] as const;
const RECORDED_S = 5;
const TALKED_S = 30;

/** All that a caller can do. */
export function CallerDesk() {
  const { t } = useTexts();
  const debugging = useDebugging();
  const simulation = useDebuggingState((state) => state.simulation);
  const pace = useDebuggingState((state) => state.pace);
  const [keys, setKeys] = useState("");
  const [words, setWords] = useState("");
  const spoken = pace === "voice";
  const wrong = wrongKey(listeningTo(simulation));

  const act = (input: CallerInput): void => {
    debugging.input(input);
    setKeys("");
    setWords("");
  };
  const press = (key: string): void => {
    // By the clock every key counts at once; else several are gathered once the author has begun to.
    if (pace === "virtual" && (keys || words)) setKeys(keys + key);
    else act({ dtmf: key });
  };
  const say = (event: FormEvent): void => {
    event.preventDefault();
    const said = keys || words.trim();
    if (said) act(/^[0-9*#]+$/.test(said) ? { dtmf: said } : { say: said });
  };

  return (
    <div className="caller">
      {simulation.timer && simulation.paused === null && <Countdown key={`${simulation.timer.kind} ${simulation.timer.seconds} ${simulation.messages.length}`} timer={simulation.timer} />}
      {simulation.awaiting === "transfer" && (
        <div className="row wrap">
          {TRANSFERS.map((result) => (
            <button key={result} type="button" className="button" onClick={() => act(result === "answered" ? { transfer: result, after: TALKED_S } : { transfer: result })}>
              {t(`simulator.transfer.${result}`)}
            </button>
          ))}
        </div>
      )}
      {simulation.awaiting === "record" && !spoken && (
        <button type="button" className="button" onClick={() => act({ record: RECORDED_S, end: "#" })}>
          {t("simulator.record", { seconds: RECORDED_S })}
        </button>
      )}
      <div className="keypad" role="group" aria-label={t("simulator.keypad")}>
        {KEYS.map((key) => (
          <button key={key} type="button" aria-label={t("port.key", { key })} onClick={() => press(key)} onContextMenu={(event) => { event.preventDefault(); setKeys(keys + key); }}>
            {key}
            {LETTERS[key] && <small aria-hidden>{LETTERS[key]}</small>}
          </button>
        ))}
      </div>
      {!spoken && (
        <form className="row" onSubmit={say}>
          <input className="input" aria-label={t("simulator.say")} placeholder={t("simulator.sayPlaceholder")} value={keys || words} onChange={(event) => { setKeys(""); setWords(event.target.value); }} />
          {keys ? (
            <button type="button" className="icon-button" aria-label={t("simulator.clear")} onClick={() => setKeys("")}>
              <Delete size={16} aria-hidden />
            </button>
          ) : null}
          <button type="submit" className="icon-button" aria-label={t("simulator.send")} title={t("simulator.send")}>
            <Send size={16} aria-hidden />
          </button>
        </form>
      )}
      <div className="caller-acts">
        {!spoken && (
          <button type="button" className="button small" onClick={() => act({ noinput: true })}>
            <Clock size={14} aria-hidden /> {t("simulator.noinput")}
          </button>
        )}
        <button type="button" className="button small" title={t("simulator.wrongKeyTitle", { key: wrong })} onClick={() => act({ dtmf: wrong })}>
          <CircleSlash size={14} aria-hidden /> {t("simulator.wrongKey")}
        </button>
        <button type="button" className="button small danger" onClick={() => act({ hangup: true })}>
          <PhoneOff size={14} aria-hidden /> {t("simulator.hangup")}
        </button>
      </div>
    </div>
  );
}

const TICK_MS = 100;

/** Counts down to the moment at which silence counts. */
function Countdown({ timer }: { timer: Timer }) {
  const { t } = useTexts();
  const [left, setLeft] = useState(timer.seconds);
  useEffect(() => {
    const end = performance.now() + timer.seconds * 1000;
    const ticking = setInterval(() => setLeft(Math.max(0, (end - performance.now()) / 1000)), TICK_MS);
    return () => clearInterval(ticking);
  }, [timer.seconds]);
  return (
    <div className="countdown small" role="timer">
      <span>{t(`simulator.timer.${timer.kind}`, { seconds: left.toFixed(1) })}</span>
      <progress max={timer.seconds} value={left} aria-hidden />
    </div>
  );
}
