import { type ReactNode, useEffect, useRef, useState } from "react";

interface Props {
  readonly label: string;
  readonly button: ReactNode;
  readonly buttonClass?: string;
  readonly align?: "left" | "right";
  readonly children: ReactNode;
}

/** A button that opens a small menu; closes on a choice, a click elsewhere, or Escape. */
export function Menu({ label, button, buttonClass = "icon-button", align = "right", children }: Props) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent): void => {
      if (!ref.current?.contains(event.target as Node)) setOpen(false);
    };
    const keys = (event: KeyboardEvent): void => {
      if (event.key === "Escape") {
        event.stopPropagation();
        setOpen(false);
        trigger.current?.focus();
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      event.stopPropagation();
      const items = [...(ref.current?.querySelectorAll<HTMLElement>(".menu :is(button:not(:disabled), a)") ?? [])];
      const at = items.indexOf(document.activeElement as HTMLElement);
      items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
    };
    window.addEventListener("pointerdown", outside, true);
    window.addEventListener("keydown", keys, true);
    return () => {
      window.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("keydown", keys, true);
    };
  }, [open]);
  return (
    <div ref={ref} style={{ position: "relative" }}>
      <button
        ref={trigger}
        type="button"
        className={buttonClass}
        aria-label={label}
        aria-expanded={open}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        // A click on any choice inside closes the menu; the choices themselves are buttons and links.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
        <div className="menu" style={align === "right" ? { right: 0, top: "110%" } : { left: 0, top: "110%" }} onClick={() => setOpen(false)}>
          {children}
        </div>
      )}
    </div>
  );
}
