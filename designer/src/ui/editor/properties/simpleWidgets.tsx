/** Widgets of one value. */
import { useEffect, useState } from "react";
import { pickText } from "../../../core/flow";
import { useTexts } from "../../texts";
import { type WidgetProps, asRows, asText } from "./form";

export function TextWidget({ id, label, schema, value, invalid, onChange }: WidgetProps) {
  const time = schema.pattern?.includes("[0-5]\\d") ?? false;
  const date = schema.pattern?.includes("\\d{4}-\\d{2}") ?? false;
  return (
    <input
      id={id}
      className="input"
      type={date ? "date" : "text"}
      aria-label={label}
      aria-invalid={invalid}
      placeholder={time ? "09:00" : undefined}
      maxLength={schema.maxLength}
      value={asText(value)}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function MultilineWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  return <textarea id={id} className="input" rows={4} aria-label={label} aria-invalid={invalid} value={asText(value)} onChange={(event) => onChange(event.target.value)} />;
}

/** Keeps what is typed until it is a number: "1." is on its way to "1.5". */
export function NumberWidget({ id, label, schema, value, optional, invalid, onChange, suffix }: WidgetProps & { suffix?: string }) {
  const [draft, setDraft] = useState<string | null>(null);
  const { t } = useTexts();
  const whole = schema.type === "integer";
  return (
    <span className="with-suffix">
      <input
        id={id}
        className="input figures"
        type="number"
        inputMode={whole ? "numeric" : "decimal"}
        step={whole ? 1 : "any"}
        min={schema.minimum}
        max={schema.maximum}
        aria-label={suffix ? `${label} (${t("unit.seconds")})` : label}
        aria-invalid={invalid}
        value={draft ?? asText(value)}
        onChange={(event) => {
          setDraft(event.target.value);
          const number = event.target.valueAsNumber;
          if (Number.isFinite(number)) onChange(whole ? Math.round(number) : number);
          else if (optional && event.target.value === "") onChange(undefined);
        }}
        onBlur={() => setDraft(null)}
      />
      {suffix && <span className="suffix">{suffix}</span>}
    </span>
  );
}

export function DurationWidget(props: WidgetProps) {
  const { t } = useTexts();
  return <NumberWidget {...props} suffix={t("unit.s")} />;
}

export function SelectionWidget({ id, label, schema, value, optional, invalid, onChange }: WidgetProps) {
  const { language, t } = useTexts();
  const options = schema.enum ?? [];
  return (
    <select
      id={id}
      className="input"
      aria-label={label}
      aria-invalid={invalid}
      value={asText(value)}
      onChange={(event) => onChange(options.find((option) => String(option) === event.target.value) ?? undefined)}
    >
      {(optional || !options.includes(value)) && !options.includes("") && <option value="">{t("form.notSet")}</option>}
      {options.map((option) => (
        <option key={String(option)} value={String(option)}>
          {pickText(schema["x-options"]?.[String(option)], language) || (option === "" ? t("form.none") : String(option))}
        </option>
      ))}
    </select>
  );
}

export function SwitchWidget({ id, label, value, onChange }: WidgetProps) {
  return (
    <label className="switch" htmlFor={id}>
      <input id={id} type="checkbox" role="switch" checked={value === true} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

/** Some of a few: days of the week. */
export function ChoicesWidget({ label, schema, value, onChange }: WidgetProps) {
  const { language } = useTexts();
  const chosen = asRows(value);
  const options = schema.items?.enum ?? [];
  const titles = schema["x-options"] ?? schema.items?.["x-options"];
  return (
    <div className="choices" role="group" aria-label={label}>
      {options.map((option) => {
        const on = chosen.includes(option);
        return (
          <button key={String(option)} type="button" aria-pressed={on} onClick={() => onChange(options.filter((item) => (item === option ? !on : chosen.includes(item))))}>
            {pickText(titles?.[String(option)], language) || String(option)}
          </button>
        );
      })}
    </div>
  );
}

interface PortIdProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly pattern: RegExp;
  readonly taken: ReadonlySet<string>;
  onChange(value: string): void;
}

/** A name that a port goes by. It is taken over only when it can be used, so that the port's edge is never lost on the way. */
export function PortIdWidget({ id, label, value, pattern, taken, onChange }: PortIdProps) {
  const { t } = useTexts();
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const clash = draft !== value && taken.has(draft);
  const wrong = draft !== "" && !pattern.test(draft);
  return (
    <>
      <input
        id={id}
        className="input mono"
        aria-label={label}
        aria-invalid={clash || wrong || draft === ""}
        value={draft}
        onChange={(event) => {
          const next = event.target.value.trim();
          setDraft(next);
          if (next && pattern.test(next) && !taken.has(next)) onChange(next);
        }}
        onBlur={() => setDraft(value)}
      />
      {(clash || wrong) && (
        <span className="small bad-text" role="alert">
          {clash ? t("form.taken") : t("form.badName")}
        </span>
      )}
    </>
  );
}
