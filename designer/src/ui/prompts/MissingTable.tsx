/** What callers would miss: recordings and texts that flows use and nobody has made. */
import { CircleCheck, Plus } from "lucide-react";
import type { MissingWords } from "../../core/prompts";
import { Empty } from "../parts/States";
import { Table } from "../parts/Table";
import { useTexts } from "../texts";
import { UseLink } from "./PromptTable";

interface Props {
  readonly missing: readonly MissingWords[];
  onAdd(name: string, language: string): void;
}

export function MissingTable({ missing, onAdd }: Props) {
  const { t } = useTexts();
  if (missing.length === 0) {
    return (
      <div className="card">
        <Empty icon={<CircleCheck size={26} className="good-text" aria-hidden />}>{t("library.nothingMissing")}</Empty>
      </div>
    );
  }
  return (
    <Table
      columns={[{ title: t("library.missingWhat") }, { title: t("library.missingIn") }, { title: t("library.missingWhere") }]}
    >
      {missing.map((one) => (
        <tr key={`${one.flow} ${one.node} ${one.kind} ${one.what}`}>
          <td>
            <div className="prompt-name">{one.what || t("library.emptyText")}</div>
            <div className="muted small">{t(`library.kind.${one.kind}`)}</div>
          </td>
          <td>
            <span className="row tight wrap">
              {one.languages.map((language) => (
                <span key={language} className={one.nowhere ? "chip bad" : "chip warn"}>
                  {language}
                </span>
              ))}
              {one.nowhere && <span className="small bad-text">{t("library.nowhere")}</span>}
            </span>
          </td>
          <td>
            <UseLink use={one} />
          </td>
          <td className="right">
            {one.kind === "recording" && (
              <button type="button" className="button" onClick={() => onAdd(one.what, one.languages[0] ?? "")}>
                <Plus size={15} aria-hidden /> {t("library.add")}
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
