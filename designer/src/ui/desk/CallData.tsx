import { useState } from "react";
import { get, put } from "../../api/client";
import { Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";

type Data = Readonly<Record<string, unknown>>;

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What the caller brings along (随路数据), to be read and mended while talking. */
export function CallData({ call }: { call: string }) {
  const { t } = useTexts();
  const path = `/api/calls/${encodeURIComponent(call)}/data`;
  const stored = useResource(path, () => get<Data>(path));
  const [changed, setChanged] = useState<Data>({});
  if (stored.error && !stored.data) return <Failed error={stored.error} retry={stored.reload} />;
  if (!stored.data) return <Loading />;
  const data: Data = { ...stored.data, ...changed };
  const save = async (): Promise<void> => {
    try {
      await put(path, data);
      setChanged({});
      stored.reload();
      tell("good", t("desk.dataSaved"));
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  return (
    <div className="stack">
      <div className="row">
        <h2 className="grow">{t("desk.callData")}</h2>
        <span className="muted mono small">{call}</span>
      </div>
      {Object.keys(data).length === 0 && <p className="muted">{t("desk.noData")}</p>}
      <table className="table data-table">
        <tbody>
          {Object.entries(data).map(([name, value]) => (
            <tr key={name}>
              <td>{name}</td>
              <td>
                {typeof value === "object" && value !== null ? (
                  <code>{shown(value)}</code>
                ) : (
                  <input className="input" aria-label={name} value={shown(value ?? "")} onChange={(event) => setChanged({ ...changed, [name]: event.target.value })} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row row-end">
        <button type="button" className="button primary" disabled={Object.keys(changed).length === 0} onClick={() => void save()}>
          {t("common.save")}
        </button>
      </div>
    </div>
  );
}
