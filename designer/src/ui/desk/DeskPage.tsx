import { Coffee, Headset, LogIn, LogOut } from "lucide-react";
import { useEffect, useState } from "react";
import { ApiError, get, post } from "../../api/client";
import { isTextKey } from "../../i18n";
import { Empty, Failed } from "../parts/States";
import { reasonOf } from "../refusals";
import { asApiError, useResource } from "../resource";
import { useSession } from "../session";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { CallData } from "./CallData";

interface AgentLive {
  readonly agent?: string;
  readonly id?: string;
  readonly name?: string;
  readonly state: string;
  readonly reason?: string;
  readonly seconds?: number;
  readonly call?: string | null;
}
interface QueueLive {
  readonly queue?: string;
  readonly id?: string;
  readonly waiting: number;
  readonly longest_wait: number;
}
interface Live {
  readonly queues: readonly QueueLive[];
  readonly agents: readonly AgentLive[];
}

const EVERY_MS = 2000;
const REASONS = ["break", "meal", "training", "admin"] as const;
const TONES: Record<string, string> = { ready: "good", not_ready: "warn", ringing: "warn", talking: "live", wrap_up: "warn" };

/** An agent who may not see all of the ACD knows at least the state asked for last. */
const liveOrNothing = (): Promise<Live | null> =>
  get<Live>("/api/acd/live").catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  });

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The agent's desk: be there or not, and see what the caller brings along. */
export default function DeskPage(_props: { id: string }) {
  const texts = useTexts();
  const { t, named } = texts;
  const user = useSession((session) => session.session?.user ?? "");
  const live = useResource("desk", liveOrNothing);
  const [asked, setAsked] = useState<{ state: string; reason: string } | null>(null);
  const [reason, setReason] = useState<string>(REASONS[0]);
  const { reload } = live;
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);

  const me = live.data?.agents.find((agent) => (agent.agent ?? agent.id) === user);
  const state = me?.state ?? asked?.state ?? "signed_out";
  const why = me?.reason ?? asked?.reason ?? "";
  const ask = async (next: string, because = ""): Promise<void> => {
    try {
      await post(`/api/agents/${encodeURIComponent(user)}/state`, { state: next, reason: because });
      setAsked({ state: next, reason: because });
      reload();
    } catch (error) {
      const problem = asApiError(error);
      tell("bad", problem.status === 404 ? t("desk.notAgent") : reasonOf(problem));
    }
  };
  const reasonText = (name: string): string => (isTextKey(`desk.reason.${name}`) ? named(`desk.reason.${name}`) : name);

  return (
    <Shell>
      <div className="page">
        <div className="page-head">
          <h1>{t("shell.desk")}</h1>
        </div>
        {live.error && !live.data && <Failed error={live.error} retry={reload} />}
        <div className="desk">
          <section className="card stack" aria-label={t("desk.state.ready")}>
            <p className="big-state" role="status">
              <span className={`dot ${TONES[state] ?? "off"}`} aria-hidden /> {named(`desk.state.${state}`)}
            </p>
            <p className="muted">
              {me?.name || user}
              {why && ` · ${reasonText(why)}`}
              {me?.seconds !== undefined && <span className="figures"> · {clock(me.seconds)}</span>}
            </p>
            {state === "signed_out" ? (
              <button type="button" className="button primary" onClick={() => void ask("not_ready")}>
                <LogIn size={15} aria-hidden /> {t("desk.signIn")}
              </button>
            ) : (
              <>
                <button type="button" className="button primary" disabled={state === "ready"} onClick={() => void ask("ready")}>
                  <Headset size={15} aria-hidden /> {t("desk.ready")}
                </button>
                <div className="row">
                  <select className="input" aria-label={t("desk.reason")} value={reason} onChange={(event) => setReason(event.target.value)}>
                    {REASONS.map((item) => (
                      <option key={item} value={item}>
                        {t(`desk.reason.${item}`)}
                      </option>
                    ))}
                  </select>
                  <button type="button" className="button" onClick={() => void ask("not_ready", reason)}>
                    <Coffee size={15} aria-hidden /> {t("desk.notReady")}
                  </button>
                </div>
                <button type="button" className="button" onClick={() => void ask("signed_out")}>
                  <LogOut size={15} aria-hidden /> {t("desk.signOut")}
                </button>
              </>
            )}
            {live.data && live.data.queues.length > 0 && (
              <table className="table">
                <thead>
                  <tr>
                    <th>{t("desk.queues")}</th>
                    <th className="right">{t("desk.waiting")}</th>
                    <th className="right">{t("desk.longest")}</th>
                  </tr>
                </thead>
                <tbody>
                  {live.data.queues.map((queue) => (
                    <tr key={queue.queue ?? queue.id}>
                      <td>{queue.queue ?? queue.id}</td>
                      <td className="right">{queue.waiting}</td>
                      <td className="right">{clock(queue.longest_wait)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </section>
          <section className="card" aria-label={t("desk.callData")}>
            {me?.call ? <CallData key={me.call} call={me.call} /> : <Empty icon={<Headset size={26} aria-hidden />}>{t("desk.noCall")}</Empty>}
          </section>
        </div>
      </div>
    </Shell>
  );
}
