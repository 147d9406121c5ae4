import { Pencil, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { get, post, put } from "../../api/client";
import { Dialog } from "../parts/Dialog";
import { Empty, Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { type Texts, useTexts } from "../texts";
import { tell } from "../toasts";
import { type Column, ROLES, type RecordKind, type Stored, readSkills, skillsText } from "./recordKinds";

const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

function shown(column: Column, value: unknown, texts: Texts): string {
  switch (column.kind) {
    case "skills":
      return skillsText(value);
    case "roles":
      return Array.isArray(value) ? value.map((role) => texts.named(`role.${String(role)}`)).join(", ") : "";
    case "number":
      return typeof value === "number" ? texts.number(value) : "";
    default:
      return asText(value);
  }
}

/** A table of records of one kind, each edited in a form. */
export function Records({ kind }: { kind: RecordKind }) {
  const texts = useTexts();
  const { t } = texts;
  const records = useResource(kind.path, () => get<Stored[]>(kind.path));
  const [editing, setEditing] = useState<Stored | null>(null);
  if (records.error && !records.data) return <Failed error={records.error} retry={records.reload} />;
  if (!records.data) return <Loading />;
  const columns = kind.columns.filter((column) => !column.formOnly);
  return (
    <div className="card card-table">
      {records.data.length === 0 ? (
        <Empty>{t("admin.none")}</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t(kind.keyTitle)}</th>
              {columns.map((column) => (
                <th key={column.name} className={column.kind === "number" ? "right" : ""}>
                  {t(column.title)}
                </th>
              ))}
              <th />
            </tr>
          </thead>
          <tbody>
            {records.data.map((record) => {
              const name = asText(record[kind.key]);
              return (
                <tr key={name}>
                  <td>
                    <strong>{name}</strong>
                  </td>
                  {columns.map((column) => (
                    <td key={column.name} className={column.kind === "number" ? "right" : ""}>
                      {shown(column, record[column.name], texts) || <span className="muted">–</span>}
                    </td>
                  ))}
                  <td className="right">
                    <button type="button" className="icon-button" aria-label={t("admin.edit", { name })} title={t("admin.edit", { name })} onClick={() => setEditing(record)}>
                      <Pencil size={14} aria-hidden />
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <div className="pad">
        <button type="button" className="button" onClick={() => setEditing({})}>
          <Plus size={15} aria-hidden /> {t("admin.new")}
        </button>
      </div>
      {editing && (
        <RecordForm
          kind={kind}
          record={editing}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null);
            records.reload();
            tell("good", t("admin.changed"));
          }}
        />
      )}
    </div>
  );
}

function readForm(kind: RecordKind, form: FormData): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, kind: how } of kind.columns) {
    const text = asText(form.get(name)).trim();
    if (how === "skills") values[name] = readSkills(text);
    else if (how === "roles") values[name] = form.getAll(name).map(String);
    else if (how === "number") {
      if (text !== "") values[name] = Number(text);
    } else if (how !== "password" || text) values[name] = text;
  }
  return values;
}

function RecordForm({ kind, record, onClose, onSaved }: { kind: RecordKind; record: Stored; onClose(): void; onSaved(): void }) {
  const { t } = useTexts();
  const [failure, setFailure] = useState("");
  const name = asText(record[kind.key]);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = readForm(kind, form);
    const id = name || asText(form.get(kind.key)).trim();
    try {
      if (!name && kind.posted) await post(kind.path, { ...values, [kind.key]: id });
      else await put(`${kind.path}/${encodeURIComponent(id)}`, { ...keptMembers(kind, record), ...values });
      onSaved();
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={name ? t("admin.edit", { name }) : t("admin.new")}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" form="record" className="button primary">
            {t("common.save")}
          </button>
        </>
      }
    >
      <form id="record" className="form-grid" onSubmit={(event) => void submit(event)}>
        {!name && (
          <label className="field">
            <span className="label">{t(kind.keyTitle)}</span>
            <input className="input mono" name={kind.key} required pattern="[A-Za-z0-9][A-Za-z0-9_.@\-]{0,63}" />
          </label>
        )}
        {kind.columns.map((column) => (
          <ColumnField key={column.name} column={column} value={record[column.name]} />
        ))}
        {failure && (
          <p className="notice bad" role="alert">
            {failure}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** Of a queue everything is put, also what this form does not show; of agents and users what is given. */
function keptMembers(kind: RecordKind, record: Stored): Stored {
  return kind.path === "/api/queues" ? record : {};
}

function ColumnField({ column, value }: { column: Column; value: unknown }) {
  const { t } = useTexts();
  const title = t(column.title);
  if (column.kind === "roles") {
    const chosen = Array.isArray(value) ? value : [];
    return (
      <fieldset className="plain">
        <legend className="label">{title}</legend>
        {ROLES.map((role) => (
          <label key={role} className="switch">
            <input type="checkbox" name={column.name} value={role} defaultChecked={chosen.includes(role)} /> {t(`role.${role}`)}
          </label>
        ))}
      </fieldset>
    );
  }
  const common = { className: "input", name: column.name };
  return (
    <label className="field">
      <span className="label">{title}</span>
      {column.kind === "number" && <input {...common} type="number" min={0} step="any" defaultValue={asText(value)} />}
      {column.kind === "password" && <input {...common} type="password" autoComplete="new-password" minLength={8} />}
      {column.kind === "skills" && <input {...common} defaultValue={skillsText(value)} placeholder="mandarin=3, english=1" />}
      {column.kind === "text" && <input {...common} defaultValue={asText(value)} />}
      {column.kind === "skills" && <span className="small muted">{t("admin.skillsHelp")}</span>}
    </label>
  );
}
