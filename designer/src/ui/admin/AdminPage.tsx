import { useState } from "react";
import { may } from "../../api/session";
import { useSession } from "../session";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import { Messages } from "./Messages";
import { Numbers } from "./Numbers";
import { Records } from "./Records";
import { AGENTS, QUEUES, USERS } from "./recordKinds";

const PARTS = ["numbers", "queues", "agents", "messages", "users"] as const;
type Part = (typeof PARTS)[number];

export default function AdminPage(_props: { id: string }) {
  const { t } = useTexts();
  const session = useSession((state) => state.session);
  const [part, setPart] = useState<Part>("numbers");
  const parts = PARTS.filter((item) => session && may(session, item === "users" ? "admin" : "operator"));
  return (
    <Shell>
      <div className="page">
        <div className="page-head">
          <h1 className="grow">{t("shell.admin")}</h1>
          <div className="segments" role="tablist" aria-label={t("shell.admin")}>
            {parts.map((item) => (
              <button key={item} type="button" role="tab" aria-selected={part === item} onClick={() => setPart(item)}>
                {t(`admin.${item}`)}
              </button>
            ))}
          </div>
        </div>
        <p className="muted">{t(`admin.${part}Lead`)}</p>
        {part === "numbers" && <Numbers />}
        {part === "queues" && <Records key="queues" kind={QUEUES} />}
        {part === "agents" && <Records key="agents" kind={AGENTS} />}
        {part === "messages" && <Messages />}
        {part === "users" && <Records key="users" kind={USERS} />}
      </div>
    </Shell>
  );
}
