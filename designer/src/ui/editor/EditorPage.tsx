import { useEffect, useState } from "react";
import { listNodeTypes, openFlow } from "../../api/flows";
import { readDraft } from "../../core/drafts";
import { Editor } from "../../core/editor";
import { indexTypes } from "../../core/nodeTypes";
import { stable } from "../../core/difference";
import { Failed, Loading } from "../parts/States";
import { useResource } from "../resource";
import { Shell } from "../shell/Shell";
import { textsFor } from "../texts";
import { useSettings } from "../settings";
import { tell } from "../toasts";
import { EditorView } from "./EditorView";
import { browserStore } from "./saving";
import "./editor.css";
import "./canvas.css";

async function open(id: string): Promise<Editor> {
  const [opened, types] = await Promise.all([openFlow(id), listNodeTypes()]);
  const { flow } = opened;
  const editor = new Editor({ flow, revision: opened.revision, published: opened.published, testing: opened.testing ?? null, types: indexTypes(types), now: () => performance.now() });
  const draft = readDraft(browserStore, id);
  if (draft && stable(draft.flow) !== stable(flow)) {
    const { t, time } = textsFor(useSettings.getState().language);
    editor.edit({ kind: "flow.replace", flow: draft.flow }, "step.restoreDraft");
    // Keeping the old revision makes the server ask, should somebody have saved in between.
    editor.markSaved(flow, draft.revision);
    tell("info", t("save.restored", { time: time(draft.at) }), { label: t("save.discard"), run: () => editor.undo() });
  }
  return editor;
}

export default function EditorPage({ id }: { id: string }) {
  const resource = useResource(`editor ${id}`, () => open(id));
  const [editor, setEditor] = useState<Editor>();
  // The editor holds unsaved work: it is made once, whatever is loaded again.
  useEffect(() => setEditor((before) => before ?? resource.data), [resource.data]);
  if (editor) return <EditorView editor={editor} />;
  if (resource.error) {
    return (
      <Shell>
        <Failed error={resource.error} retry={resource.reload} />
      </Shell>
    );
  }
  return <Loading />;
}
