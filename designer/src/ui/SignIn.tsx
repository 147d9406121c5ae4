import { type FormEvent, useState } from "react";
import { asApiError } from "./resource";
import { useSession } from "./session";
import { LANGUAGES, useSettings } from "./settings";
import { useTexts } from "./texts";

export function SignIn() {
  const { t } = useTexts();
  const { language, setLanguage } = useSettings();
  const { enter, unreachable, load } = useSession();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await enter(String(form.get("user")), String(form.get("password")));
    } catch (error) {
      const { status, offline } = asApiError(error);
      setFailure(offline ? t("common.unreachable") : status === 429 ? t("signIn.tooMany") : t("signIn.wrong"));
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <form className="card stack" onSubmit={(event) => void submit(event)}>
        <div className="brand">
          <img src="/icon.svg" alt="" width={30} height={30} />
          <h1>vxmlplat</h1>
        </div>
        <p className="muted">{t("signIn.lead")}</p>
        {unreachable && (
          <p role="alert" className="notice bad">
            {t("common.unreachable")}{" "}
            <button type="button" className="link" onClick={() => void load()}>
              {t("common.retry")}
            </button>
          </p>
        )}
        <label className="field">
          <span className="label">{t("signIn.user")}</span>
          <input className="input" name="user" autoComplete="username" required />
        </label>
        <label className="field">
          <span className="label">{t("signIn.password")}</span>
          <input className="input" name="password" type="password" autoComplete="current-password" required />
        </label>
        {failure && (
          <p role="alert" className="notice bad">
            {failure}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {t("signIn.enter")}
        </button>
        <div className="row sign-in-languages">
          {LANGUAGES.map((choice) => (
            <button key={choice} type="button" className="link" lang={choice} aria-pressed={language === choice} onClick={() => setLanguage(choice)}>
              {choice === "zh-CN" ? "简体中文" : "English"}
            </button>
          ))}
        </div>
      </form>
    </main>
  );
}
