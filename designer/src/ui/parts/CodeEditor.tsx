/**
 * A field for code: expressions, YAML, SQL, and documents to be read. CodeMirror is loaded when the first one is shown;
 * until then, and where it cannot be loaded, the field is a plain one that works.
 * Tab leaves the field (WCAG 2.1.2); Escape closes an open list of completions first.
 */
import { useEffect, useRef, useState } from "react";
import type { Completions } from "../../core/expressions";
import { useSettings } from "../settings";
import type { Mirror } from "./code/mirror";
import "./code/code.css";

export type CodeLanguage = "expression" | "sql" | "yaml" | "xml";

/** What is wrong at a place of the text, with what mends it. Line and column count from 1; no column is the whole line. */
export interface CodeProblem {
  readonly line: number;
  readonly column?: number;
  /** How many characters are meant; to the end of the word when missing. */
  readonly length?: number;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly fixes?: readonly { readonly title: string; run(): void }[];
}

export interface CodeEditorProps {
  readonly id?: string;
  /** What a screen reader calls the field. */
  readonly label: string;
  readonly language: CodeLanguage;
  readonly value: string;
  /** Without it the text is there to be read. */
  readonly onChange?: ((value: string) => void) | undefined;
  /** One line, as an input: the default for expressions. */
  readonly single?: boolean;
  readonly placeholder?: string;
  readonly invalid?: boolean;
  /** The id of the element that tells of problems. */
  readonly describedBy?: string | undefined;
  readonly problems?: readonly CodeProblem[];
  /** What could stand at a place of the text. */
  readonly complete?: (text: string, position: number, asked: boolean) => Completions | null;
}

const load = () => import("./code/mirror");

export function CodeEditor(props: CodeEditorProps) {
  const { id, label, language, value, onChange, single = language === "expression", placeholder, invalid = false, describedBy, problems, complete } = props;
  const reader = useSettings((settings) => settings.language);
  const place = useRef<HTMLDivElement>(null);
  const [mirror, setMirror] = useState<Mirror | null>(null);
  const latest = useRef({ value, onChange, complete });
  useEffect(() => {
    latest.current = { value, onChange, complete };
  });
  const readOnly = onChange === undefined;

  useEffect(() => {
    let made: Mirror | undefined;
    let wanted = true;
    const start = async (): Promise<void> => {
      const { createMirror } = await load();
      const options = {
        language,
        single,
        readOnly,
        reader,
        text: latest.current.value,
        onChange: (text: string) => latest.current.onChange?.(text),
        complete: (text: string, position: number, asked: boolean) => latest.current.complete?.(text, position, asked) ?? null,
      };
      const mirror = await createMirror(options);
      if (!wanted || !place.current) {
        mirror.destroy();
        return;
      }
      made = mirror;
      mirror.putInto(place.current);
      setMirror(mirror);
    };
    void start().catch(() => undefined); // The plain field stays.
    return () => {
      wanted = false;
      made?.destroy();
      setMirror(null);
    };
  }, [language, single, readOnly, reader]);

  useEffect(() => mirror?.describe({ id, label, invalid, describedBy, placeholder }), [mirror, id, label, invalid, describedBy, placeholder]);
  useEffect(() => mirror?.setText(value), [mirror, value]);
  useEffect(() => mirror?.setProblems(problems ?? []), [mirror, problems]);

  return (
    <div className={single ? "code-field single" : "code-field"} data-language={language}>
      <div ref={place} className="code-place" />
      {!mirror && (
        <textarea
          id={id}
          className="input mono"
          rows={single ? 1 : 4}
          spellCheck={false}
          autoComplete="off"
          aria-label={label}
          aria-invalid={invalid}
          aria-describedby={describedBy}
          placeholder={placeholder}
          readOnly={readOnly}
          value={value}
          onChange={(event) => onChange?.(single ? event.target.value.replace(/\s*\n\s*/g, " ") : event.target.value)}
        />
      )}
    </div>
  );
}
