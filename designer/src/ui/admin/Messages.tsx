import { RotateCcw } from "lucide-react";
import { get, post } from "../../api/client";
import { Empty, Failed, Loading } from "../parts/States";
import { Table } from "../parts/Table";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { Link } from "../router";
import { useTexts } from "../texts";
import { tell } from "../toasts";

interface Message {
  readonly id: string;
  readonly kind: "sms" | "email";
  readonly recipient: string;
  readonly call: string;
  readonly created: string;
  readonly state: "waiting" | "sent" | "given_up";
  readonly tries: number;
  readonly error: string;
}

/** SMS and e-mail that flows left in the outbox, and what became of them. */
export function Messages() {
  const { t, time } = useTexts();
  const messages = useResource("messages", () => get<Message[]>("/api/messages"));
  if (messages.error && !messages.data) return <Failed error={messages.error} retry={messages.reload} />;
  if (!messages.data) return <Loading />;
  if (messages.data.length === 0) return <Empty>{t("messages.none")}</Empty>;
  const again = async (message: Message): Promise<void> => {
    try {
      await post(`/api/messages/${message.id}/again`, {});
      messages.reload();
      tell("good", t("messages.waitsAgain"));
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  return (
    <Table
      columns={[{ title: t("messages.created") }, { title: t("messages.kind") }, { title: t("messages.recipient") }, { title: t("messages.state") }, { title: t("messages.tries"), right: true }, { title: t("messages.error") }]}
    >
      {messages.data.map((message) => (
        <tr key={message.id}>
          <td>{message.call ? <Link to={`/calls/${encodeURIComponent(message.call)}`}>{time(message.created)}</Link> : time(message.created)}</td>
          <td>{t(`messages.${message.kind}`)}</td>
          <td className="mono">{message.recipient}</td>
          <td>{t(`messages.${message.state}`)}</td>
          <td className="right">{message.tries}</td>
          <td>{message.error || <span className="muted">–</span>}</td>
          <td className="right">
            {message.state === "given_up" && (
              <button type="button" className="icon-button" aria-label={t("messages.again", { recipient: message.recipient })} title={t("messages.again", { recipient: message.recipient })} onClick={() => void again(message)}>
                <RotateCcw size={15} aria-hidden />
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
