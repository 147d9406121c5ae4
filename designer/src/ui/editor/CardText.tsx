/** A field on a card. What is typed is taken when it is left or Enter is pressed; Escape leaves it as it was. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

interface Props {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly className?: string;
  readonly placeholder?: string;
  readonly lines?: number;
  readonly inputMode?: "text" | "numeric" | "decimal";
  readonly lang?: string;
  /** What cannot be taken is not taken. */
  valid?(value: string): boolean;
  onTake(value: string): void;
}

export function CardText({ name, label, value, className = "", placeholder, lines, inputMode, lang, valid, onTake }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  // Taken or given up: leaving it again changes nothing.
  const settled = useRef(false);
  const now = draft ?? value;
  const wrong = draft !== null && draft !== value && !(valid?.(draft) ?? true);
  const take = (): void => {
    setDraft(null);
    if (settled.current || draft === null || draft === value || wrong) return;
    settled.current = true;
    onTake(draft);
  };
  // A field that goes away while it is written in is left too.
  const last = useRef(take);
  useEffect(() => void (last.current = take));
  useEffect(() => () => last.current(), []);
  const common = {
    className: `card-input ${className}`,
    "data-field": name,
    "aria-label": label,
    "aria-invalid": wrong,
    title: label,
    placeholder,
    lang,
    value: now,
    onChange: (event: { target: { value: string } }) => {
      settled.current = false;
      setDraft(event.target.value);
    },
    onBlur: take,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        settled.current = true;
        setDraft(null);
      }
    },
  };
  return lines ? <textarea {...common} rows={lines} /> : <input {...common} type="text" inputMode={inputMode} autoComplete="off" />;
}
