/** What the caller hears: pieces of spoken text in every language of the flow, recordings, and values. */
import { ArrowDown, ArrowUp, AudioLines, Globe, Plus, Quote, Trash2, Variable } from "lucide-react";
import { pathBehind } from "../../../core/fieldPaths";
import { type LocalizedText, type PromptPiece, SPOKEN_AS } from "../../../core/flow";
import { useTexts } from "../../texts";
import { useEditorState } from "../context";
import { FieldProblems } from "./FieldProblems";
import { ExpressionWidget } from "./codeWidgets";
import { type WidgetProps, asRecord, asRows } from "./form";
import { HearText, PromptPicker } from "./PromptPicker";

const NEW: Record<PromptPiece["kind"], PromptPiece> = {
  text: { kind: "text", text: {} },
  audio: { kind: "audio", prompt: "" },
  address: { kind: "address", src: "" },
  value: { kind: "value", expr: "", as: "text" },
};
const KINDS = [
  ["text", Quote],
  ["audio", AudioLines],
  ["address", Globe],
  ["value", Variable],
] as const;

interface LanguagesProps {
  readonly id: string;
  readonly label: string;
  readonly text: LocalizedText;
  readonly rows?: number;
  /** Spoken to callers: it can be heard. */
  readonly spoken?: boolean;
  onChange(text: LocalizedText): void;
}

/** One text a language of the flow; a missing one is said where it is missing. */
export function LanguageTexts({ id, label, text, rows = 2, spoken, onChange }: LanguagesProps) {
  const { t } = useTexts();
  const languages = useEditorState((state) => state.history.flow.languages);
  const all = [...new Set([...languages, ...Object.keys(text)])];
  return (
    <div className="language-texts">
      {all.map((language, index) => (
        <div key={language} className="language-text">
          <span className="language-tag" title={language}>
            {language.split("-")[0]}
          </span>
          <textarea
            id={index === 0 ? id : undefined}
            className="input"
            lang={language}
            rows={rows}
            aria-label={`${label} (${language})`}
            placeholder={t("prompt.missing", { language })}
            value={text[language] ?? ""}
            onChange={(event) => {
              const { [language]: _old, ...rest } = text;
              onChange(event.target.value ? { ...text, [language]: event.target.value } : rest);
            }}
          />
          {spoken && text[language]?.trim() && <HearText text={text[language]} language={language} />}
        </div>
      ))}
    </div>
  );
}

export function PromptWidget(props: WidgetProps) {
  const { id, label, path, value, problems, onChange } = props;
  const { t } = useTexts();
  const languages = useEditorState((state) => state.history.flow.languages.length);
  const pieces = asRows(value).filter((piece) => Object.hasOwn(NEW, String(asRecord(piece)["kind"]))) as PromptPiece[];
  const change = (index: number, piece: PromptPiece): void => onChange(pieces.with(index, piece));
  const move = (index: number, to: number): void => {
    const rest = pieces.filter((_piece, at) => at !== index);
    const piece = pieces[index];
    if (piece) onChange(rest.toSpliced(to, 0, piece));
  };
  return (
    <div className="prompt-editor" role="group" aria-label={label}>
      {pieces.map((piece, index) => {
        const name = t("prompt.piece", { label, number: index + 1 });
        const wrong = problems.filter((problem) => pathBehind(problem.field, `${path}.${index}`) !== undefined);
        const told = `${id}-${index}-told`;
        const own = {
          ...props,
          id: index === 0 ? id : `${id}-${index}`,
          problems: wrong,
          invalid: wrong.some((problem) => problem.severity === "error"),
          describedBy: wrong.length > 0 ? told : undefined,
        };
        return (
          // Pieces have no name of their own; their place is what they are.
          <div key={index} className="piece">
            <div className="stack tight">
            {piece.kind === "text" && (
              <div className="stack tight">
                <LanguageTexts spoken id={own.id} label={name} text={piece.text ?? {}} onChange={(text) => change(index, { ...piece, text })} />
                {(languages > 1 || piece.every_language) && (
                  <label className="small muted row tight">
                    <input type="checkbox" checked={piece.every_language === true} onChange={(event) => change(index, { ...piece, every_language: event.target.checked })} />
                    {t("prompt.everyLanguage")}
                  </label>
                )}
              </div>
            )}
            {piece.kind === "audio" && (
              <div className="piece-fields">
                <AudioLines size={15} aria-hidden />
                <PromptPicker {...own} label={t("prompt.recording")} value={piece.prompt} onChange={(prompt) => change(index, { ...piece, prompt: String(prompt) })} />
              </div>
            )}
            {piece.kind === "address" && (
              <div className="stack tight">
                <div className="piece-fields">
                  <Globe size={15} aria-hidden />
                  <input id={own.id} className="input mono" type="url" aria-label={t("prompt.address")} aria-invalid={own.invalid} placeholder="https://ivr.example/welcome.wav" value={piece.src} onChange={(event) => change(index, { ...piece, src: event.target.value.trim() })} />
                </div>
                <span className="small muted">{t("prompt.alternate")}</span>
                <LanguageTexts spoken id={`${own.id}-text`} label={t("prompt.alternate")} rows={1} text={piece.text ?? {}} onChange={(text) => change(index, { ...piece, text })} />
              </div>
            )}
            {piece.kind === "value" && (
              <div className="piece-fields">
                <ExpressionWidget {...own} label={t("prompt.value")} value={piece.expr} onChange={(expr) => change(index, { ...piece, expr: String(expr) })} />
                <select className="input" aria-label={t("prompt.as")} value={piece.as} onChange={(event) => change(index, { ...piece, as: event.target.value })}>
                  {SPOKEN_AS.map((as) => (
                    <option key={as} value={as}>
                      {t(`prompt.as.${as}`)}
                    </option>
                  ))}
                </select>
                {piece.as === "currency" && (
                  <input className="input mono piece-currency" aria-label={t("prompt.currency")} placeholder="CNY" maxLength={3} value={piece.currency ?? ""} onChange={(event) => change(index, { ...piece, currency: event.target.value.toUpperCase() })} />
                )}
              </div>
            )}
            <FieldProblems id={told} problems={wrong} />
            </div>
            <div className="piece-tools">
              <button type="button" className="icon-button" aria-label={t("form.up")} title={t("form.up")} disabled={index === 0} onClick={() => move(index, index - 1)}>
                <ArrowUp size={13} aria-hidden />
              </button>
              <button type="button" className="icon-button" aria-label={t("form.down")} title={t("form.down")} disabled={index === pieces.length - 1} onClick={() => move(index, index + 1)}>
                <ArrowDown size={13} aria-hidden />
              </button>
              <button type="button" className="icon-button" aria-label={t("form.removeRow")} title={t("form.removeRow")} onClick={() => onChange(pieces.filter((_piece, at) => at !== index))}>
                <Trash2 size={13} aria-hidden />
              </button>
            </div>
          </div>
        );
      })}
      <div className="add-row">
        {KINDS.map(([kind, Icon]) => (
          <button key={kind} type="button" className="link" aria-label={t("prompt.addPiece", { kind: t(`prompt.add.${kind}`) })} id={pieces.length === 0 && kind === "text" ? id : undefined} onClick={() => onChange([...pieces, NEW[kind]])}>
            {pieces.length === 0 ? <Plus size={13} aria-hidden /> : <Icon size={13} aria-hidden />} {t(`prompt.add.${kind}`)}
          </button>
        ))}
      </div>
    </div>
  );
}

/** One text for all languages, or one each. */
export function TextsWidget({ id, label, value, onChange }: WidgetProps) {
  const { t } = useTexts();
  const single = typeof value === "string" && value !== "";
  if (single) {
    return (
      <span className="stack tight">
        <input id={id} className="input" aria-label={label} value={value} onChange={(event) => onChange(event.target.value || {})} />
        <button type="button" className="link small" onClick={() => onChange({})}>
          {t("form.perLanguage")}
        </button>
      </span>
    );
  }
  return <LanguageTexts id={id} label={label} rows={1} text={asRecord(value) as LocalizedText} onChange={onChange} />;
}
