/** Short messages at the edge of the page, read out by screen readers. */
import { X } from "lucide-react";
import { create } from "zustand";
import { useTexts } from "./texts";

export interface Toast {
  readonly id: number;
  readonly tone: "info" | "good" | "bad";
  readonly text: string;
  readonly action?: { readonly label: string; run(): void };
}

interface Toasts {
  readonly toasts: readonly Toast[];
}
const useToasts = create<Toasts>()(() => ({ toasts: [] }));

let count = 0;
const SHOWN_MS = { info: 5000, good: 4000, bad: 12000 };

const drop = (id: number): void => useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

export function tell(tone: Toast["tone"], text: string, action?: Toast["action"]): void {
  const toast: Toast = { id: (count += 1), tone, text, ...(action ? { action } : {}) };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.filter((old) => old.text !== text), toast].slice(-4) }));
  setTimeout(() => drop(toast.id), SHOWN_MS[tone] * (action ? 2 : 1));
}

export function ToastList() {
  const { t } = useTexts();
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast toast-${toast.tone}`}>
          <span>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              className="link"
              onClick={() => {
                toast.action?.run();
                drop(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <button type="button" className="icon-button" aria-label={t("common.close")} onClick={() => drop(toast.id)}>
            <X size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
