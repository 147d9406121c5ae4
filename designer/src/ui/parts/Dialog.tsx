import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTexts } from "../texts";

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
  readonly wide?: boolean;
  /** As large as the window allows. */
  readonly full?: boolean;
  onClose(): void;
}

/** A modal dialogue: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, children, foot, wide, full, onClose }: Props) {
  const { t } = useTexts();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={full ? "full" : wide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog-body">
        <div className="row">
          <h2 id={id} className="grow">
            {title}
          </h2>
          <button type="button" className="icon-button" aria-label={t("common.close")} onClick={onClose}>
            <X size={16} />
          </button>
        </div>
        {children}
      </div>
      {foot && <div className="dialog-foot">{foot}</div>}
    </dialog>
  );
}
