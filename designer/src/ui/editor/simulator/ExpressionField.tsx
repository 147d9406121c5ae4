import { useEffect, useState } from "react";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly invalid?: boolean;
  onChange(value: string): void;
}

/** A short expression that takes effect when it is finished: by Enter, or by leaving the field. */
export function ExpressionField({ label, value, placeholder, invalid = false, onChange }: Props) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = (): void => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <input
      className="input mono small"
      aria-label={label}
      aria-invalid={invalid}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") done();
        if (event.key === "Escape") setText(value);
      }}
    />
  );
}
