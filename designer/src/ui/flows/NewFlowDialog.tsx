import { type FormEvent, useState } from "react";
import { deleteTemplate, listQueueNames, listTemplates, putTest } from "../../api/editing";
import { createFlow, listNodeTypes } from "../../api/flows";
import { emptyFlow, isFlowId } from "../../core/flow";
import { indexTypes } from "../../core/nodeTypes";
import { type Template, flowFrom, needsQueue, testFrom, withQueue } from "../../core/templates";
import { Dialog } from "../parts/Dialog";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { navigate } from "../router";
import { LANGUAGES } from "../settings";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { TemplateChooser } from "./TemplateChooser";
import { flowIdFrom, freeFlowId } from "./flowId";

const noTypes = indexTypes([]);

export function NewFlowDialog({ taken, onClose }: { taken: readonly string[]; onClose(): void }) {
  const { t, pick, language } = useTexts();
  const templates = useResource("templates", listTemplates);
  const found = useResource("node types", listNodeTypes);
  const queues = useResource("queue names", () => listQueueNames().catch(() => []));
  const [chosen, setChosen] = useState("");
  const [queue, setQueue] = useState("");
  const [name, setName] = useState<string | null>(null);
  const [ownId, setOwnId] = useState<string | null>(null);
  const [languages, setLanguages] = useState<string[]>([language]);
  const [failure, setFailure] = useState("");
  const types = found.data ? indexTypes(found.data) : noTypes;
  const template = templates.data?.find((one) => one.id === chosen);
  const title = name ?? (template ? pick(template.title) : "");
  // A name in Chinese makes no id; one is proposed all the same.
  const id = ownId ?? (title ? freeFlowId(flowIdFrom(title) || (template?.id.replaceAll("_", "-") ?? ""), taken) : "");
  const problem = id && !isFlowId(id) ? t("flows.badId") : taken.includes(id) ? t("flows.takenId") : "";
  const wantsQueue = template !== undefined && needsQueue(template, types);
  const queueName = queue || queues.data?.[0] || "";

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const head = { id, name: { [language]: title }, languages };
    try {
      const flow = template ? flowFrom(template, head) : emptyFlow(id, head.name, languages);
      await createFlow(wantsQueue ? withQueue(flow, types, queueName) : flow);
      const test = template && testFrom(template, id);
      // The flow is there; a test that the server does not take is no reason to keep the author from it.
      if (test) await putTest(id, test).catch((error: unknown) => tell("info", reasonOf(error)));
      navigate(`/flows/${encodeURIComponent(id)}`);
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };

  const forget = async (one: Template): Promise<void> => {
    try {
      await deleteTemplate(one.id);
      setChosen("");
      templates.reload();
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };

  return (
    <Dialog
      title={t("flows.new")}
      wide
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="submit" form="new-flow" className="button primary" disabled={!title || !isFlowId(id) || Boolean(problem) || languages.length === 0}>
            {t("flows.create")}
          </button>
        </>
      }
    >
      <form id="new-flow" className="stack" onSubmit={(event) => void submit(event)}>
        <TemplateChooser empty templates={templates.data ?? []} types={types} chosen={chosen} onChoose={setChosen} onDelete={(one) => void forget(one)} />
        <div className="field-pair">
          <label className="field">
            <span className="label">{t("flows.name")}</span>
            <input className="input" required value={title} onChange={(event) => setName(event.target.value)} />
          </label>
          <label className="field">
            <span className="label">{t("flows.id")}</span>
            <input className="input mono" required aria-invalid={Boolean(problem)} value={id} onChange={(event) => setOwnId(event.target.value)} />
            <span className={problem ? "small bad-text" : "small muted"}>{problem || t("flows.idHelp")}</span>
          </label>
        </div>
        {wantsQueue && (
          <label className="field">
            <span className="label">{t("templates.queue")}</span>
            <input className="input mono" list="template-queues" value={queueName} onChange={(event) => setQueue(event.target.value)} />
            <datalist id="template-queues">
              {(queues.data ?? []).map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
            <span className="small muted">{t("templates.queueHelp")}</span>
          </label>
        )}
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
