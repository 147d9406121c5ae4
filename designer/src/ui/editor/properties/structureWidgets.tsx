/** Widgets of several values: rows, lists, maps, groups. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { newRow, propertiesOf, resolve } from "../../../core/jsonSchema";
import { type PortsFrom, freePortId } from "../../../core/nodeTypes";
import type { Offer } from "../../../core/subFlow";
import { useTexts } from "../../texts";
import { Field } from "./Field";
import { FieldProblems } from "./FieldProblems";
import { type WidgetProps, asRecord, asRows, asText } from "./form";
import { PortIdWidget } from "./simpleWidgets";

interface RowsProps extends WidgetProps {
  /** Set where every row makes a port. */
  readonly ports?: PortsFrom | undefined;
  readonly offers?: readonly Offer[] | undefined;
}

const PORT_ID = /^[A-Za-z0-9_*#-]{1,64}$/;

const patternOf = (source: string | undefined): RegExp => (source ? new RegExp(source) : PORT_ID);

export function RowsWidget({ id, label, path, schema, root, value, problems, ports, offers = [], onChange }: RowsProps) {
  const { t } = useTexts();
  const rows = asRows(value).map(asRecord);
  const items = resolve(schema.items ?? {}, root);
  const properties = propertiesOf(items, root);
  const short = properties.length <= 2 && !ports;
  const add = (): void => {
    const row = asRecord(newRow(items, root));
    onChange([...rows, ports ? { ...row, [ports.id]: freePortId(rows, ports) } : row]);
  };
  const swap = (index: number, other: number): void => {
    const a = rows[index];
    const b = rows[other];
    if (a && b) onChange(rows.with(index, b).with(other, a));
  };
  return (
    <div className="rows" role="group" aria-label={label}>
      {rows.map((row, index) => (
        <div key={index} className={ports ? "form-row with-port" : short ? "form-row short" : "form-row"}>
          {ports && (
            <span className="port-id">
              <PortIdWidget
                id={`${id}-${index}-${ports.id}`}
                label={`${label} ${index + 1}`}
                value={asText(row[ports.id])}
                pattern={patternOf(items.properties?.[ports.id]?.pattern)}
                taken={new Set(rows.map((other) => asText(other[ports.id])))}
                onChange={(next) => onChange(rows.with(index, { ...row, [ports.id]: next }))}
              />
            </span>
          )}
          <div className="form-row-fields">
            {properties
              .filter(([name]) => name !== ports?.id)
              .map(([name, property]) => (
                <Field
                  key={name}
                  id={`${id}-${index}-${name}`}
                  name={name}
                  path={`${path}.${index}.${name}`}
                  schema={property}
                  root={root}
                  value={row[name]}
                  problems={problems}
                  optional={!items.required?.includes(name)}
                  inRow={index === 0 ? "first" : "later"}
                  quiet={name === ports?.title}
                  onChange={(next) => onChange(rows.with(index, { ...row, [name]: next }))}
                />
              ))}
            <FieldProblems problems={problems.filter((problem) => problem.field === `${path}.${index}` || (ports && problem.field === `${path}.${index}.${ports.id}`))} />
          </div>
          <div className="piece-tools">
            <button type="button" className="icon-button" aria-label={t("form.up")} title={t("form.up")} disabled={index === 0} onClick={() => swap(index, index - 1)}>
              <ArrowUp size={13} aria-hidden />
            </button>
            <button type="button" className="icon-button" aria-label={t("form.down")} title={t("form.down")} disabled={index === rows.length - 1} onClick={() => swap(index, index + 1)}>
              <ArrowDown size={13} aria-hidden />
            </button>
            <button type="button" className="icon-button" aria-label={t("form.removeRow")} title={t("form.removeRow")} onClick={() => onChange(rows.filter((_row, at) => at !== index))}>
              <Trash2 size={13} aria-hidden />
            </button>
          </div>
        </div>
      ))}
      <div className="add-row">
        <button type="button" className="link" id={rows.length === 0 ? id : undefined} disabled={rows.length >= (schema.maxItems ?? Infinity)} onClick={add}>
          <Plus size={13} aria-hidden /> {t("form.addRow")}
        </button>
        {offers.map(({ name, row }) => (
          <button key={name} type="button" className="link mono" aria-label={`${t("form.addRow")}: ${name}`} onClick={() => onChange([...rows, row])}>
            <Plus size={13} aria-hidden /> {name}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Plain values, one a line. */
export function ListWidget({ id, label, schema, value, invalid, onChange }: WidgetProps) {
  const { t } = useTexts();
  const numeric = schema.items?.type === "number" || schema.items?.type === "integer";
  return (
    <textarea
      id={id}
      className="input"
      rows={3}
      aria-label={label}
      aria-invalid={invalid}
      placeholder={t("form.onePerLine")}
      value={asRows(value).map(asText).join("\n")}
      onChange={(event) => {
        const lines = event.target.value.split("\n");
        onChange(event.target.value === "" ? [] : numeric ? lines.map(Number).filter(Number.isFinite) : lines);
      }}
    />
  );
}

/** Names and values. */
export function MapWidget({ id, label, value, onChange }: WidgetProps) {
  const { t } = useTexts();
  const entries = Object.entries(asRecord(value));
  const set = (next: [string, unknown][]): void => onChange(Object.fromEntries(next));
  return (
    <div className="rows" role="group" aria-label={label}>
      {entries.map(([name, item], index) => (
        <div key={index} className="form-row short">
          <div className="form-row-fields">
            <input className="input mono" aria-label={t("form.name")} value={name} onChange={(event) => set(entries.with(index, [event.target.value, item]))} />
            <input className="input" aria-label={t("form.value")} value={asText(item)} onChange={(event) => set(entries.with(index, [name, event.target.value]))} />
          </div>
          <button type="button" className="icon-button" aria-label={t("form.removeRow")} title={t("form.removeRow")} onClick={() => set(entries.toSpliced(index, 1))}>
            <Trash2 size={13} aria-hidden />
          </button>
        </div>
      ))}
      <button type="button" className="link" id={id} onClick={() => set([...entries, [`name${entries.length + 1}`, ""]])}>
        <Plus size={13} aria-hidden /> {t("form.addRow")}
      </button>
    </div>
  );
}

export function ObjectWidget({ id, label, path, schema, root, value, problems, onChange }: WidgetProps) {
  const record = asRecord(value);
  return (
    <fieldset className="plain indented">
      <legend className="sr-only">{label}</legend>
      {propertiesOf(schema, root).map(([name, property]) => (
        <Field key={name} id={`${id}-${name}`} name={name} path={`${path}.${name}`} schema={property} root={root} value={record[name]} problems={problems} optional={!schema.required?.includes(name)} onChange={(next) => onChange({ ...record, [name]: next })} />
      ))}
    </fieldset>
  );
}
