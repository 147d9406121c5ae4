import {
  AlignCenterHorizontal, AlignCenterVertical, AlignEndHorizontal, AlignEndVertical, AlignHorizontalDistributeCenter,
  AlignStartHorizontal, AlignStartVertical, AlignVerticalDistributeCenter, type LucideIcon,
} from "lucide-react";
import { actionById, isEnabled } from "../../../core/actions";
import { showBinding } from "../../../core/keys";
import { useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { isMac } from "../shortcuts";

const ICONS: Record<string, LucideIcon> = {
  "arrange.left": AlignStartVertical,
  "arrange.centre": AlignCenterVertical,
  "arrange.right": AlignEndVertical,
  "arrange.top": AlignStartHorizontal,
  "arrange.middle": AlignCenterHorizontal,
  "arrange.bottom": AlignEndHorizontal,
  "arrange.across": AlignHorizontalDistributeCenter,
  "arrange.down": AlignVerticalDistributeCenter,
};
const LIST = ["arrange.layout", "arrange.frame", "flow.saveTemplate", "edit.duplicate", "edit.copy", "edit.cut", "edit.delete"];

/** What can be done with several selected things. */
export function SelectionTools() {
  const { t, named } = useTexts();
  const context = useActionContext();
  const selection = useEditorState((state) => state.selection);
  return (
    <div className="stack pad">
      <h2>{t("properties.several", { count: selection.nodes.length + selection.notes.length })}</h2>
      <div className="align-tools" role="group" aria-label={t("group.arrange")}>
        {Object.entries(ICONS).map(([id, Icon]) => (
          <button key={id} type="button" className="icon-button" aria-label={named(`action.${id}`)} title={named(`action.${id}`)} disabled={!isEnabled(actionById(id), context)} onClick={() => void actionById(id).run(context)}>
            <Icon size={17} aria-hidden />
          </button>
        ))}
      </div>
      {LIST.map((id) => {
        const action = actionById(id);
        const [key] = action.keys ?? [];
        return (
          <button key={id} type="button" className="button spread" disabled={!isEnabled(action, context)} onClick={() => void action.run(context)}>
            {named(`action.${id}`)} {key && <kbd>{showBinding(key, isMac)}</kbd>}
          </button>
        );
      })}
    </div>
  );
}
