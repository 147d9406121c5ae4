/** A card being edited where it stands: its title, its words, its choices, how long is waited and how often is asked. */
import { ArrowDown, ArrowUp, Plus, SlidersHorizontal, Trash2 } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { cardFields, cardLanguage, labelText, mayBeNamed, movedRow, rowsOf, spokenText, withLabel, withRow, withSpokenText } from "../../core/cardFields";
import type { FieldValue } from "../../core/flow";
import type { JsonSchema } from "../../core/jsonSchema";
import type { Port } from "../../core/nodeTypes";
import type { TextKey } from "../../i18n";
import { useTexts } from "../texts";
import { CardPort } from "./CardPort";
import { CardText } from "./CardText";
import { leaveCard, useCardEditing } from "./cardEditing";
import type { CardNode } from "./canvasModel";
import { useActionContext, useEditorState } from "./context";
import { portColour, portText } from "./portSigns";

const isNumber = ({ type, minimum = -Infinity, maximum = Infinity }: JsonSchema, text: string): boolean => {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) && value >= minimum && value <= maximum && (type !== "integer" || Number.isInteger(value));
};

/** Short words beside fields whose names are long. */
const MORE_LABELS: Readonly<Record<string, TextKey>> = {
  noinput_prompt: "card.more.noinput",
  nomatch_prompt: "card.more.nomatch",
  help_prompt: "card.more.help",
  help_key: "card.more.helpKey",
};

export function CardForm({ node, type, ports }: Pick<CardNode["data"], "node" | "type" | "ports">) {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const languages = useEditorState((state) => state.history.flow.languages);
  const language = cardLanguage(languages, texts.language);
  const tag = languages.length > 1 ? ` (${language})` : "";
  const fields = useMemo(() => cardFields(type, texts.language), [type, texts.language]);
  const box = useRef<HTMLDivElement>(null);
  const start = useCardEditing((state) => state.field);
  const set = (name: string, value: FieldValue): void => editor.setField(node.id, name, value);
  const reach = (field: string): void => {
    const found = box.current?.querySelector<HTMLInputElement>(`[data-field="${CSS.escape(field)}"]`);
    found?.focus({ preventScroll: true });
    found?.select();
  };

  useEffect(() => {
    const first = fields.prompt ? "prompt" : "title";
    const field = start ?? first;
    reach(box.current?.querySelector(`[data-field="${CSS.escape(field)}"]`) ? field : "title");
  }, [start, fields]);

  const leave = (): void => {
    const card = box.current?.closest<HTMLElement>(".react-flow__node");
    leaveCard();
    card?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
    if (event.key !== "Escape" && !(event.key === "Enter" && typing)) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  const onBlur = (event: FocusEvent<HTMLDivElement>): void => {
    // A button that is not there any more gives its place to nobody: the author is still at the card.
    if (event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget)) leaveCard();
  };

  const words = (name: string, value: FieldValue, label: string, lines?: number) => {
    const text = spokenText(value, language);
    if (text === null) {
      return (
        <button type="button" className="link small" onClick={() => host.showPanel("properties")}>
          <SlidersHorizontal size={12} aria-hidden /> {t("card.inPanel")}
        </button>
      );
    }
    return (
      <CardText
        name={name === fields.prompt?.name ? "prompt" : name}
        label={label + tag}
        lang={language}
        value={text}
        {...(lines ? { lines, placeholder: label } : {})}
        onTake={(taken) => set(name, withSpokenText(value, language, taken.trim()))}
      />
    );
  };
  const number = (name: "timeout" | "tries", unit: string) => {
    const field = fields[name];
    if (!field) return null;
    const value = node.fields[name] ?? field.schema.default;
    return (
      <span className="card-number">
        <CardText name={name} label={field.title} value={value === undefined ? "" : String(value)} inputMode="decimal" valid={(text) => isNumber(field.schema, text)} onTake={(text) => set(name, Number(text))} />
        <span aria-hidden>{unit}</span>
      </span>
    );
  };
  const { rows } = fields;
  const choices = rows ? rowsOf(node.fields[rows.field]) : [];
  const choiceOf = (port: Port): number => (rows ? choices.findIndex((row) => row[rows.id] === port.id) : -1);

  const choice = (port: Port, index: number) => {
    const row = choices[index];
    if (!rows || !row) return null;
    const name = labelText(row[rows.title], language) || port.id;
    const change = (next: readonly unknown[]): void => set(rows.field, next);
    const move = (to: number): void => {
      change(movedRow(choices, index, to));
      requestAnimationFrame(() => reach(`label.${to}`));
    };
    return (
      <>
        <CardText name={`key.${index}`} className="key" label={t("card.key", { choice: name })} value={port.id} valid={(text) => mayBeNamed(node, rows, index, text.trim())} onTake={(text) => change(choices.with(index, { ...row, [rows.id]: text.trim() }))} />
        <CardText name={`label.${index}`} label={t("card.label", { key: port.id })} value={labelText(row[rows.title], language)} onTake={(text) => change(choices.with(index, { ...row, [rows.title]: withLabel(row[rows.title], language, text.trim()) }))} />
        <span className="card-tools">
          <button type="button" aria-label={t("card.up", { choice: name })} title={t("form.up")} disabled={index === 0} onClick={() => move(index - 1)}>
            <ArrowUp size={12} aria-hidden />
          </button>
          <button type="button" aria-label={t("card.down", { choice: name })} title={t("form.down")} disabled={index === choices.length - 1} onClick={() => move(index + 1)}>
            <ArrowDown size={12} aria-hidden />
          </button>
          <button
            type="button"
            aria-label={t("card.remove", { choice: name })}
            title={t("form.removeRow")}
            disabled={choices.length <= 1}
            onClick={() => {
              change(choices.toSpliced(index, 1));
              requestAnimationFrame(() => reach(`label.${Math.max(0, index - 1)}`));
            }}
          >
            <Trash2 size={12} aria-hidden />
          </button>
        </span>
      </>
    );
  };

  return (
    // The fields in it are what the author types in.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={box} className="card-form nodrag nopan nowheel" onKeyDown={onKeyDown} onBlur={onBlur}>
      <div className="card-head">
        <span className="card-icon" />
        <CardText name="title" className="strong" label={t("properties.title")} value={node.title} placeholder={texts.pick(type?.title) || node.type} onTake={(title) => editor.edit({ kind: "node.title", id: node.id, title: title.trim() }, "step.title", `title ${node.id}`)} />
      </div>
      {Object.keys(type?.schema.properties ?? {}).length > 0 && (
        <div className="card-words">{fields.prompt && words(fields.prompt.name, node.fields[fields.prompt.name], fields.prompt.title, 2)}</div>
      )}
      {ports.length > 0 && (
        <ul className="card-ports">
          {ports.map((port) => {
            const index = choiceOf(port);
            return (
              <li key={port.id}>
                {index >= 0 ? (
                  choice(port, index)
                ) : (
                  <>
                    <span className="port-sign" />
                    <span className="port-text cut">{portText(port, texts)}</span>
                    {port.kind === "noinput" && number("timeout", t("unit.s"))}
                    {port.kind === "nomatch" && number("tries", t("card.tries"))}
                  </>
                )}
                <CardPort type="source" id={port.id} connectable style={{ "--port": portColour(port.kind) } as object} />
              </li>
            );
          })}
        </ul>
      )}
      {(rows || fields.more.length > 0) && (
        <div className="card-more">
          {type && rows && (
            <button
              type="button"
              className="link small"
              disabled={choices.length >= rows.most}
              onClick={() => {
                set(rows.field, withRow(type, node.fields));
                requestAnimationFrame(() => reach(`label.${choices.length}`));
              }}
            >
              <Plus size={12} aria-hidden /> {t("card.add")}
            </button>
          )}
          {fields.more.map((field) => (
            <div key={field.name} className="card-line">
              <span aria-hidden>{t(MORE_LABELS[field.name] ?? "card.more")}</span>
              {field.kind === "prompt" ? (
                words(field.name, node.fields[field.name], field.title)
              ) : (
                <CardText name={field.name} className="key" label={field.title} value={String(node.fields[field.name] ?? "")} valid={(text) => new RegExp(field.schema.pattern ?? "").test(text.trim())} onTake={(text) => set(field.name, text.trim())} />
              )}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
