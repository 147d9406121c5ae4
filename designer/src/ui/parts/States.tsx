import { CloudOff, Inbox, LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import type { ApiError } from "../../api/client";
import { refusalText } from "../refusals";
import { useTexts } from "../texts";

export function Loading() {
  const { t } = useTexts();
  return (
    <div className="state" role="status">
      <LoaderCircle size={20} className="spin" aria-hidden />
      <span>{t("common.loading")}</span>
    </div>
  );
}

export function Failed({ error, retry }: { error: ApiError; retry?: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  return (
    <div className="state" role="alert">
      <CloudOff size={22} aria-hidden />
      <strong>{error.offline ? t("common.unreachable") : error.status === 404 ? t("common.notFound") : t("common.failed")}</strong>
      {!error.offline && <span className="muted">{refusalText(error, texts)}</span>}
      {retry && (
        <button type="button" className="button" onClick={retry}>
          {t("common.retry")}
        </button>
      )}
    </div>
  );
}

export function Empty({ children, icon }: { children: ReactNode; icon?: ReactNode }) {
  return (
    <div className="state">
      {icon ?? <Inbox size={22} aria-hidden />}
      {children}
    </div>
  );
}
