/** Templates with their pictures, one of them chosen. */
import { FilePlus2, Trash2 } from "lucide-react";
import { useId } from "react";
import type { NodeTypes } from "../../core/nodeTypes";
import type { Template } from "../../core/templates";
import { useTexts } from "../texts";
import { FlowPicture } from "./FlowPicture";
import "./flows.css";

interface Props {
  readonly templates: readonly Template[];
  readonly types: NodeTypes;
  /** The id of the chosen one; empty for an empty flow. */
  readonly chosen: string;
  /** Whether an empty flow can be chosen too. */
  readonly empty?: boolean;
  onChoose(id: string): void;
  onDelete?(template: Template): void;
}

export function TemplateChooser({ templates, types, chosen, empty, onChoose, onDelete }: Props) {
  const { t, pick } = useTexts();
  const name = useId();
  return (
    <div className="templates" role="radiogroup" aria-label={t("templates.title")}>
      {empty && (
        <label className="template">
          <input type="radio" name={name} checked={chosen === ""} onChange={() => onChoose("")} />
          <span className="template-picture">
            <FilePlus2 size={26} aria-hidden />
          </span>
          <strong>{t("templates.empty")}</strong>
          <span className="small muted">{t("templates.emptyHelp")}</span>
        </label>
      )}
      {templates.map((template) => (
        <div key={template.id} className="template-place">
          <label className="template">
            <input type="radio" name={name} checked={chosen === template.id} onChange={() => onChoose(template.id)} />
            <span className="template-picture">
              <FlowPicture flow={template.flow} types={types} />
            </span>
            <strong>{pick(template.title) || template.id}</strong>
            <span className="small muted">{pick(template.summary) || (template.own ? t("templates.own") : "")}</span>
          </label>
          {template.own && onDelete && (
            <button type="button" className="icon-button template-delete" aria-label={t("templates.delete", { name: pick(template.title) })} title={t("templates.delete", { name: pick(template.title) })} onClick={() => onDelete(template)}>
              <Trash2 size={14} aria-hidden />
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
