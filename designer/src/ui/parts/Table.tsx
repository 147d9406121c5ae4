import type { ReactNode } from "react";
import { useTexts } from "../texts";

export interface TableColumn {
  readonly title: string;
  /** Figures stand at the right. */
  readonly right?: boolean;
}

interface Props {
  readonly columns: readonly TableColumn[];
  /** The rows, each with one more cell for what can be done with it. */
  readonly children: ReactNode;
}

/** A table on a card, whose last column holds the actions of each row. */
export function Table({ columns, children }: Props) {
  const { t } = useTexts();
  return (
    <div className="card card-table">
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} className={column.right ? "right" : undefined}>
                {column.title}
              </th>
            ))}
            <th>
              <span className="sr-only">{t("common.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
