/** The studio's list goes out as a spreadsheet, and comes back with the recordings. */
import { Download, FolderUp } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { openFlow, saveFlow } from "../../api/flows";
import { putPrompt } from "../../api/prompts";
import type { Flow } from "../../core/flow";
import type { Prompt } from "../../core/prompts";
import { type Arrival, type StudioLine, arrivals, readSheet, studioLines, studioSheet, withRecordings } from "../../core/studioSheet";
import { saveFile } from "../files";
import { Dialog } from "../parts/Dialog";
import { reasonOf } from "../refusals";
import { useTexts } from "../texts";
import { AUDIO_FILES } from "./AddPromptDialog";

interface Sound {
  readonly path: string;
  readonly file: File;
}
interface Done {
  readonly stored: readonly string[];
  readonly refused: readonly string[];
  readonly flows: readonly string[];
}

interface Props {
  readonly flows: readonly Flow[];
  readonly prompts: readonly Prompt[];
  readonly language: string;
  onClose(): void;
  onStored(): void;
}

const keyOf = (row: { readonly name: string; readonly language: string }): string => `${row.language}/${row.name}`;

export function StudioDialog({ flows, prompts, language, onClose, onStored }: Props) {
  const { t, named } = useTexts();
  const [wanted, setWanted] = useState<"missing" | "all">("missing");
  const [voice, setVoice] = useState(true);
  const [back, setBack] = useState<readonly Arrival<Sound>[] | null>(null);
  const [failure, setFailure] = useState("");
  const [progress, setProgress] = useState<{ readonly at: number; readonly of: number } | null>(null);
  const [done, setDone] = useState<Done | null>(null);

  const lines = useMemo(() => studioLines(flows, prompts), [flows, prompts]);
  const chosen = lines.filter((line) => (!language || line.language === language) && (wanted === "all" || !line.recorded) && (voice || !line.spoken));
  const spokenNames = useMemo(() => new Set(lines.filter((line: StudioLine) => line.spoken).map((line) => line.name)), [lines]);

  const take = async (files: readonly File[]): Promise<void> => {
    setFailure("");
    setDone(null);
    const sheet = files.find((file) => /\.(csv|tsv|txt)$/i.test(file.name));
    if (!sheet) return setFailure(t("studio.noSheet"));
    try {
      const sounds = files.filter((file) => file !== sheet).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      setBack(arrivals(readSheet(await sheet.text()), sounds));
    } catch (error) {
      setFailure(t("studio.badSheet", { reason: error instanceof Error ? error.message : String(error) }));
    }
    return undefined;
  };

  const ready = (back ?? []).filter((one) => one.sound && !one.problem);
  const bringIn = async (): Promise<void> => {
    const stored: (typeof ready)[number][] = [];
    const refused: string[] = [];
    const changed: string[] = [];
    for (const [at, one] of ready.entries()) {
      setProgress({ at: at + 1, of: ready.length });
      try {
        await putPrompt(one.row.language, one.row.name, (one.sound as Sound).file);
        stored.push(one);
      } catch (error) {
        refused.push(t("library.refused", { file: one.sound?.path ?? "", reason: reasonOf(error) }));
      }
    }
    // A text whose recording came is played from it from now on: in the drafts, so that the author publishes it.
    const rows = stored.map((one) => one.row).filter((row) => spokenNames.has(row.name));
    for (const { id } of rows.length > 0 ? flows : []) {
      try {
        const { flow, revision } = await openFlow(id);
        const after = withRecordings(flow, rows);
        if (after === flow) continue;
        await saveFlow(after, revision);
        changed.push(id);
      } catch (error) {
        refused.push(t("library.refused", { file: id, reason: reasonOf(error) }));
      }
    }
    setProgress(null);
    setBack(null);
    setDone({ stored: stored.map((one) => keyOf(one.row)), refused, flows: changed });
    onStored();
  };

  return (
    <Dialog
      wide
      title={t("studio.title")}
      onClose={onClose}
      foot={
        <button type="button" className="button" onClick={onClose}>
          {t("common.close")}
        </button>
      }
    >
      <section aria-labelledby="studio-out">
        <h3 id="studio-out">{t("studio.out")}</h3>
        <p className="muted plain">{t("studio.outLead")}</p>
        <div className="row wrap">
          <select className="input prompt-language" aria-label={t("studio.which")} value={wanted} onChange={(event) => setWanted(event.target.value as typeof wanted)}>
            <option value="missing">{t("studio.missing")}</option>
            <option value="all">{t("studio.all")}</option>
          </select>
          <label className="switch">
            <input type="checkbox" checked={voice} onChange={(event) => setVoice(event.target.checked)} /> {t("studio.voice")}
          </label>
          <span className="grow" />
          <button type="button" className="button primary" disabled={chosen.length === 0} onClick={() => saveFile(language ? `studio-${language}.csv` : "studio.csv", studioSheet(chosen), "text/csv")}>
            <Download size={15} aria-hidden /> {t("studio.download", { count: chosen.length })}
          </button>
        </div>
      </section>
      <section aria-labelledby="studio-back">
        <h3 id="studio-back">{t("studio.back")}</h3>
        <p className="muted plain">{t("studio.backLead")}</p>
        <div className="row wrap">
          <Chooser label={t("studio.files")} onFiles={(files) => void take(files)} />
          <Chooser label={t("studio.folder")} folder onFiles={(files) => void take(files)} />
        </div>
        {back && (
          <>
            <p role="status">{t("studio.found", { ready: ready.length, rows: back.length })}</p>
            <Plain>
              {back
                .filter((one) => !one.sound || one.problem)
                .map((one) => (
                  <li key={keyOf(one.row)}>
                    <span className="mono">{one.row.file}</span>: {one.problem ? named(`studio.problem.${one.problem}`) : t("studio.notThere")}
                  </li>
                ))}
            </Plain>
            <button type="button" className="button primary" disabled={ready.length === 0 || progress !== null} onClick={() => void bringIn()}>
              <FolderUp size={15} aria-hidden /> {progress ? t("studio.progress", progress) : t("studio.bringIn", { count: ready.length })}
            </button>
          </>
        )}
        {done && (
          <div role="status">
            <p className={done.refused.length > 0 ? "notice warn" : "notice good"}>{t("library.storedMany", { count: done.stored.length })}</p>
            {done.flows.length > 0 && <p>{t("studio.flows", { flows: done.flows.join(", ") })}</p>}
            <Plain>
              {done.refused.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </Plain>
          </div>
        )}
        <div role="alert">{failure && <p className="notice bad">{failure}</p>}</div>
      </section>
    </Dialog>
  );
}

const Plain = ({ children }: { children: readonly ReactNode[] }) => (children.length > 0 ? <ul className="studio-list">{children}</ul> : null);

function Chooser({ label, folder = false, onFiles }: { label: string; folder?: boolean; onFiles(files: readonly File[]): void }) {
  return (
    <label className="button file-button">
      <FolderUp size={15} aria-hidden /> {label}
      <input
        type="file"
        className="sr-only"
        multiple
        {...(folder ? { webkitdirectory: "" } : { accept: `.csv,.tsv,${AUDIO_FILES}` })}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
