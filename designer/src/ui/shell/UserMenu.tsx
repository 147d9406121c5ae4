import { Check, CircleUser, Languages, LogOut, Moon, Sun, SunMoon } from "lucide-react";
import { Menu } from "../parts/Menu";
import { useSession } from "../session";
import { type Theme, useSettings } from "../settings";
import { useTexts } from "../texts";

const THEME_ICONS = { system: SunMoon, light: Sun, dark: Moon };

export function UserMenu() {
  const { t } = useTexts();
  const { language, theme, setLanguage, setTheme } = useSettings();
  const { session, leave } = useSession();
  return (
    <Menu label={t("shell.account")} button={<CircleUser size={18} aria-hidden />}>
      {session && (
        <div className="menu-head">
          <strong>{session.user}</strong>
          <span className="muted small">{session.roles.join(", ")}</span>
        </div>
      )}
      <button type="button" lang="en" onClick={() => setLanguage("en-US")}>
        <Languages size={15} aria-hidden /> <span className="grow">English</span>
        {language === "en-US" && <Check size={15} aria-label={t("common.chosen")} />}
      </button>
      <button type="button" lang="zh-CN" onClick={() => setLanguage("zh-CN")}>
        <Languages size={15} aria-hidden /> <span className="grow">简体中文</span>
        {language === "zh-CN" && <Check size={15} aria-label={t("common.chosen")} />}
      </button>
      <hr />
      {(["system", "light", "dark"] as const).map((choice: Theme) => {
        const Icon = THEME_ICONS[choice];
        return (
          <button key={choice} type="button" onClick={() => setTheme(choice)}>
            <Icon size={15} aria-hidden /> <span className="grow">{t(`theme.${choice}`)}</span>
            {theme === choice && <Check size={15} aria-label={t("common.chosen")} />}
          </button>
        );
      })}
      <hr />
      <button type="button" onClick={() => void leave()}>
        <LogOut size={15} aria-hidden /> {t("shell.signOut")}
      </button>
    </Menu>
  );
}
