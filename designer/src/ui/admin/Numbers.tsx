import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { get, put } from "../../api/client";
import { listFlows } from "../../api/flows";
import { Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";

interface DialledNumber {
  readonly number: string;
  readonly flow: string | null;
  readonly document: string | null;
  readonly ccxml: string | null;
  /** Its callers get the version that is on test. */
  readonly test?: boolean;
}
const WAYS = ["flow", "document", "ccxml"] as const;
type Way = (typeof WAYS)[number];

const wayOf = (number: DialledNumber): Way => WAYS.find((way) => number[way] !== null && number[way] !== undefined) ?? "flow";
const answeredBy = ({ number, test = false }: DialledNumber, way: Way, value: string): DialledNumber => ({ number, flow: null, document: null, ccxml: null, [way]: value, test: test && way === "flow" });

/** The table of dialled numbers; it is saved as a whole. */
export function Numbers() {
  const { t, pick } = useTexts();
  const stored = useResource("numbers", () => get<DialledNumber[]>("/api/numbers"));
  const flows = useResource("flows for numbers", listFlows);
  const [own, setOwn] = useState<readonly DialledNumber[] | null>(null);
  if (stored.error && !stored.data) return <Failed error={stored.error} retry={stored.reload} />;
  if (!stored.data) return <Loading />;
  const rows = own ?? stored.data;
  const save = async (): Promise<void> => {
    try {
      await put("/api/numbers", rows);
      setOwn(null);
      stored.reload();
      tell("good", t("admin.changed"));
    } catch (error) {
      tell("bad", reasonOf(error));
    }
  };
  return (
    <div className="card card-table">
      <table className="table">
        <thead>
          <tr>
            <th>{t("admin.number")}</th>
            <th>{t("admin.answeredBy")}</th>
            <th />
            <th title={t("admin.testNumber.help")}>{t("admin.testNumber")}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const way = wayOf(row);
            const set = (next: DialledNumber): void => setOwn(rows.with(index, next));
            return (
              <tr key={index}>
                <td>
                  <input className="input mono" aria-label={t("admin.number")} value={row.number} onChange={(event) => set({ ...row, number: event.target.value.trim() })} />
                </td>
                <td>
                  <select className="input" aria-label={t("admin.answeredBy")} value={way} onChange={(event) => set(answeredBy(row, event.target.value as Way, ""))}>
                    {WAYS.map((item) => (
                      <option key={item} value={item}>
                        {t(`admin.${item}`)}
                      </option>
                    ))}
                  </select>
                </td>
                <td>
                  {way === "flow" ? (
                    <select className="input" aria-label={t("admin.flow")} value={row.flow ?? ""} onChange={(event) => set(answeredBy(row, "flow", event.target.value))}>
                      <option value="">{t("form.notSet")}</option>
                      {(flows.data ?? []).map((flow) => (
                        <option key={flow.id} value={flow.id}>
                          {pick(flow.name) || flow.id}
                        </option>
                      ))}
                    </select>
                  ) : (
                    <input className="input mono" aria-label={t(`admin.${way}`)} placeholder="https://" value={row[way] ?? ""} onChange={(event) => set(answeredBy(row, way, event.target.value))} />
                  )}
                </td>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${t("admin.testNumber")} ${row.number}`}
                    title={t("admin.testNumber.help")}
                    disabled={way !== "flow"}
                    checked={row.test ?? false}
                    onChange={(event) => set({ ...row, test: event.target.checked })}
                  />
                </td>
                <td className="right">
                  <button type="button" className="icon-button" aria-label={t("variables.remove", { name: row.number })} onClick={() => setOwn(rows.toSpliced(index, 1))}>
                    <Trash2 size={15} aria-hidden />
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="row pad">
        <button type="button" className="button" onClick={() => setOwn([...rows, { number: "", flow: "", document: null, ccxml: null }])}>
          <Plus size={15} aria-hidden /> {t("common.add")}
        </button>
        <span className="grow" />
        <button type="button" className="button primary" disabled={own === null || own.some((row) => !row.number || !row[wayOf(row)])} onClick={() => void save()}>
          {t("common.save")}
        </button>
      </div>
    </div>
  );
}
