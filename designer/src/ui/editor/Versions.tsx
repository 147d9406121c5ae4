import { useState } from "react";
import { type Version, listVersions, openVersion, rollBack } from "../../api/flows";
import { compare } from "../../core/difference";
import type { Flow } from "../../core/flow";
import { Dialog } from "../parts/Dialog";
import { Empty, Failed, Loading } from "../parts/States";
import { asApiError, useResource } from "../resource";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { DifferenceList } from "./DifferenceList";
import { useEditor, useEditorState } from "./context";

export function Versions() {
  const texts = useTexts();
  const { t } = texts;
  const editor = useEditor();
  const flow = useEditorState((state) => state.history.flow);
  const published = useEditorState((state) => state.published);
  const versions = useResource(`versions ${flow.id} ${published}`, () => listVersions(flow.id));
  const [comparing, setComparing] = useState<{ version: Version; flow: Flow } | null>(null);

  const attempt = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      tell("bad", asApiError(error).message);
    }
  };
  const makeCurrent = (version: Version): Promise<void> =>
    attempt(async () => {
      await rollBack(flow.id, version.version);
      editor.markPublished(version.version);
      versions.reload();
      tell("good", t("versions.rolledBack", { version: version.version }));
    });
  const edit = (version: Version): Promise<void> =>
    attempt(async () => {
      editor.edit({ kind: "flow.replace", flow: await openVersion(flow.id, version.version) }, "step.openVersion");
      tell("info", t("versions.opened", { version: version.version }), { label: t("action.edit.undo"), run: () => editor.undo() });
    });
  const look = (version: Version): Promise<void> =>
    attempt(async () => setComparing({ version, flow: await openVersion(flow.id, version.version) }));

  if (versions.error && !versions.data) return <Failed error={versions.error} retry={versions.reload} />;
  if (!versions.data) return <Loading />;
  if (versions.data.length === 0) return <Empty>{t("versions.none")}</Empty>;
  return (
    <>
      <ol className="versions">
        {versions.data.map((version) => (
          <li key={version.version}>
            <div className="row">
              <strong>{t("versions.number", { version: version.version })}</strong>
              {version.current && <span className="chip good">{t("versions.current")}</span>}
              <span className="grow" />
              <span className="muted small">{texts.time(version.published_at)}</span>
            </div>
            {version.note && <p>{version.note}</p>}
            <p className="muted small">{version.published_by}</p>
            <div className="row">
              <button type="button" className="link" onClick={() => void look(version)}>
                {t("versions.compare")}
              </button>
              <button type="button" className="link" onClick={() => void edit(version)}>
                {t("versions.edit")}
              </button>
              {!version.current && (
                <button type="button" className="link" onClick={() => void makeCurrent(version)}>
                  {t("versions.rollBack")}
                </button>
              )}
            </div>
          </li>
        ))}
      </ol>
      {comparing && (
        <Dialog title={t("versions.compareTitle", { version: comparing.version.version })} onClose={() => setComparing(null)}>
          <DifferenceList difference={compare(comparing.flow, flow)} before={comparing.flow} after={flow} />
        </Dialog>
      )}
    </>
  );
}
