import { AudioLines, Headset, Settings2, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { type Role, may } from "../../api/session";
import { Link, usePath } from "../router";
import { useSession } from "../session";
import { useTexts } from "../texts";
import type { TextKey } from "../../i18n";
import { UserMenu } from "./UserMenu";

const PLACES: { path: string; text: TextKey; icon: typeof Workflow; roles: Role[] }[] = [
  { path: "/", text: "shell.flows", icon: Workflow, roles: ["author", "analyst"] },
  { path: "/library", text: "shell.prompts", icon: AudioLines, roles: ["author"] },
  { path: "/desk", text: "shell.desk", icon: Headset, roles: ["agent"] },
  { path: "/admin", text: "shell.admin", icon: Settings2, roles: ["operator", "admin"] },
];

/** The frame of all pages but the editor: where one can go, and who one is. */
export function Shell({ children, fixed }: { children: ReactNode; fixed?: boolean }) {
  const { t } = useTexts();
  const path = usePath();
  const session = useSession((state) => state.session);
  return (
    <div className={fixed ? "shell shell-fixed" : "shell"}>
      <header className="shell-head">
        <Link to="/" className="brand" aria-label="vxmlplat">
          <img src="/icon.svg" alt="" width={22} height={22} />
          <span>vxmlplat</span>
        </Link>
        <nav aria-label={t("shell.pages")} className="row grow">
          {PLACES.filter(({ roles }) => session && roles.some((role) => may(session, role))).map(({ path: to, text, icon: Icon }) => (
            <Link key={to} to={to} className="place" aria-current={path === to ? "page" : undefined}>
              <Icon size={15} aria-hidden /> {t(text)}
            </Link>
          ))}
        </nav>
        <UserMenu />
      </header>
      <main className="shell-main">{children}</main>
    </div>
  );
}
