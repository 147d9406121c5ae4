/** Templates in the editor: one is put into the flow, or made of what is selected. */
import { useState } from "react";
import { useStore } from "zustand";
import { deleteTemplate, listQueueNames, listTemplates, putTemplate } from "../../api/editing";
import { openDialog, showDialog } from "../../core/dialogs";
import { insertTemplate, needsQueue, templateOf, withQueue } from "../../core/templates";
import { TemplateChooser } from "../flows/TemplateChooser";
import { flowIdFrom, freeFlowId } from "../flows/flowId";
import { Dialog } from "../parts/Dialog";
import { Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { useActionContext, useEditorState } from "./context";

const close = (): void => showDialog(null);

export function TemplateDialogs() {
  const open = useStore(openDialog, (state) => state.open);
  if (open === "template.insert") return <InsertTemplate />;
  if (open === "template.save") return <SaveTemplate />;
  return null;
}

function InsertTemplate() {
  const { t, pick } = useTexts();
  const { editor, host } = useActionContext();
  const types = useEditorState((state) => state.types);
  const templates = useResource("templates", listTemplates);
  const queues = useResource("queue names", () => listQueueNames().catch(() => []));
  const [chosen, setChosen] = useState("");
  const [at] = useState(() => host.pointer());
  const template = templates.data?.find((one) => one.id === chosen) ?? templates.data?.[0];

  const insert = (): void => {
    if (!template) return;
    const [queue = ""] = queues.data ?? [];
    const ready = needsQueue(template, types) ? { ...template, flow: withQueue(template.flow, types, queue) } : template;
    const inserted = insertTemplate(editor.flow, types, ready, pick(template.title), at);
    close();
    if (!inserted) return;
    editor.edit(inserted.edit, "step.insertTemplate");
    editor.select({ nodes: inserted.nodes, notes: inserted.notes });
    host.fit(inserted.nodes);
  };

  return (
    <Dialog
      title={t("templates.insert")}
      wide
      onClose={close}
      foot={
        <>
          <button type="button" className="button" onClick={close}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button primary" disabled={!template} onClick={insert}>
            {t("templates.insertButton")}
          </button>
        </>
      }
    >
      {!templates.data && <Loading />}
      <TemplateChooser
        templates={templates.data ?? []}
        types={types}
        chosen={template?.id ?? ""}
        onChoose={setChosen}
        onDelete={(one) => void deleteTemplate(one.id).then(templates.reload, (error: unknown) => tell("bad", reasonOf(error)))}
      />
    </Dialog>
  );
}

function SaveTemplate() {
  const { t, language } = useTexts();
  const { editor } = useActionContext();
  const templates = useResource("templates", listTemplates);
  const [title, setTitle] = useState("");
  const [summary, setSummary] = useState("");
  const [failure, setFailure] = useState("");

  const save = async (): Promise<void> => {
    const { nodes, notes } = editor.state.selection;
    const taken = (templates.data ?? []).map((one) => one.id);
    const id = freeFlowId(flowIdFrom(title) || "template", taken);
    const flow = templateOf(editor.flow, nodes, notes, id, { [language]: title });
    if (!flow) return;
    try {
      await putTemplate(id, { title: { [language]: title }, summary: summary ? { [language]: summary } : {}, flow });
      close();
      tell("good", t("templates.saved", { name: title }));
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };

  return (
    <Dialog
      title={t("templates.save")}
      onClose={close}
      foot={
        <>
          <button type="button" className="button" onClick={close}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button primary" disabled={!title.trim()} onClick={() => void save()}>
            {t("common.save")}
          </button>
        </>
      }
    >
      <p className="muted">{t("templates.saveLead")}</p>
      <label className="field">
        <span className="label">{t("flows.name")}</span>
        <input className="input" value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      <label className="field">
        <span className="label">{t("templates.summary")}</span>
        <textarea className="input" rows={2} value={summary} onChange={(event) => setSummary(event.target.value)} />
      </label>
      {failure && (
        <p className="notice bad" role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}
