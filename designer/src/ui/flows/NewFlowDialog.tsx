import { type FormEvent, useState } from "react";
import { createFlow } from "../../api/flows";
import { emptyFlow, isFlowId } from "../../core/flow";
import { Dialog } from "../parts/Dialog";
import { asApiError } from "../resource";
import { navigate } from "../router";
import { LANGUAGES } from "../settings";
import { useTexts } from "../texts";

const idFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);

export function NewFlowDialog({ taken, onClose }: { taken: readonly string[]; onClose(): void }) {
  const { t, language } = useTexts();
  const [name, setName] = useState("");
  const [ownId, setOwnId] = useState<string | null>(null);
  const [languages, setLanguages] = useState<string[]>([language]);
  const [failure, setFailure] = useState("");
  const id = ownId ?? idFrom(name);
  const problem = id && !isFlowId(id) ? t("flows.badId") : taken.includes(id) ? t("flows.takenId") : "";

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await createFlow(emptyFlow(id, { [language]: name }, languages));
      navigate(`/flows/${encodeURIComponent(id)}`);
    } catch (error) {
      setFailure(asApiError(error).message);
    }
  };

  return (
    <Dialog
      title={t("flows.new")}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" form="new-flow" className="button primary" disabled={!name || !isFlowId(id) || Boolean(problem) || languages.length === 0}>
            {t("flows.create")}
          </button>
        </>
      }
    >
      <form id="new-flow" className="stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="label">{t("flows.name")}</span>
          <input className="input" required value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="field">
          <span className="label">{t("flows.id")}</span>
          <input className="input mono" required aria-invalid={Boolean(problem)} value={id} onChange={(event) => setOwnId(event.target.value)} />
          <span className={problem ? "small bad-text" : "small muted"}>{problem || t("flows.idHelp")}</span>
        </label>
        <fieldset className="plain">
          <legend className="label">{t("flows.callerLanguages")}</legend>
          {LANGUAGES.map((choice) => (
            <label key={choice} className="switch">
              <input
                type="checkbox"
                checked={languages.includes(choice)}
                onChange={(event) => setLanguages(event.target.checked ? [...languages, choice] : languages.filter((item) => item !== choice))}
              />
              {choice === "zh-CN" ? "中文 (zh-CN)" : "English (en-US)"}
            </label>
          ))}
        </fieldset>
        {failure && (
          <p className="notice bad" role="alert">
            {failure}
          </p>
        )}
      </form>
    </Dialog>
  );
}
