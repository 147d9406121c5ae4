import { GROUPS, allActions } from "../../core/actions";
import { showBinding } from "../../core/keys";
import { Dialog } from "../parts/Dialog";
import { useTexts } from "../texts";
import { isMac } from "./shortcuts";

export function KeysDialog({ onClose }: { onClose(): void }) {
  const { t, named } = useTexts();
  return (
    <Dialog title={t("keys.title")} wide onClose={onClose}>
      <div className="keys">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{t(`group.${group}`)}</h3>
            <dl>
              {allActions()
                .filter((action) => action.group === group)
                .map((action) => (
                  <div key={action.id} className="row">
                    <dt className="grow">{named(`action.${action.id}`)}</dt>
                    <dd className="row tight">{action.keys?.map((key) => <kbd key={key}>{showBinding(key, isMac)}</kbd>) ?? <span className="muted">–</span>}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
