import { AudioLines, FileSpreadsheet, Plus } from "lucide-react";
import { type DragEvent, useMemo, useState } from "react";
import { listFlows, openFlow } from "../../api/flows";
import { deletePrompt, listPrompts, putPrompt } from "../../api/prompts";
import { type Prompt, missingWords, promptNameOf, promptUses } from "../../core/prompts";
import { find } from "../../core/search";
import { Dialog } from "../parts/Dialog";
import { Empty, Failed, Loading } from "../parts/States";
import { reasonOf } from "../refusals";
import { useResource } from "../resource";
import { Shell } from "../shell/Shell";
import { useTexts } from "../texts";
import { tell } from "../toasts";
import { AddPromptDialog } from "./AddPromptDialog";
import { EditPromptDialog } from "./EditPromptDialog";
import { MissingTable } from "./MissingTable";
import { PromptTable } from "./PromptTable";
import { StudioDialog } from "./StudioDialog";
import "./prompts.css";

/** The drafts of all flows; one that was removed meanwhile is left out. */
const openFlows = async () =>
  (await Promise.all((await listFlows()).map(({ id }) => openFlow(id).then(({ flow }) => flow, () => null)))).filter((flow) => flow !== null);

interface Adding {
  readonly name: string;
  readonly language: string;
  readonly file?: File;
}

export default function PromptsPage() {
  const { t, language: reader } = useTexts();
  const prompts = useResource("prompts", listPrompts);
  const flows = useResource("flows that speak", openFlows);
  const [tab, setTab] = useState<"recordings" | "missing">("recordings");
  const [query, setQuery] = useState("");
  const [language, setLanguage] = useState("");
  const [adding, setAdding] = useState<Adding | null>(null);
  const [editing, setEditing] = useState<Prompt | null>(null);
  const [studio, setStudio] = useState(false);
  const [deleting, setDeleting] = useState<Prompt | null>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState(false);

  const uses = useMemo(() => promptUses(flows.data ?? []), [flows.data]);
  const missing = useMemo(
    () => (flows.data && prompts.data ? missingWords(flows.data, prompts.data) : []).filter((one) => !language || one.languages.includes(language)),
    [flows.data, prompts.data, language],
  );
  const languages = useMemo(
    () => [...new Set([...(flows.data ?? []).flatMap((flow) => flow.languages), ...(prompts.data ?? []).map((prompt) => prompt.language)])].toSorted(),
    [flows.data, prompts.data],
  );
  const shown = find(
    (prompts.data ?? []).filter((prompt) => !language || prompt.language === language).map((prompt) => ({ title: prompt.name, words: prompt.language, value: prompt })),
    query,
    1000,
  ).map((hit) => hit.value);
  const usual = language || (languages.includes(reader) ? reader : (languages[0] ?? reader));

  /** Several files go straight in, each under its own name; what the server refuses is said for each. */
  const addFiles = async (files: readonly File[]): Promise<void> => {
    const [file] = files;
    if (files.length === 1 && file) {
      setAdding({ name: "", language: usual, file });
      return;
    }
    setSending(true);
    let stored = 0;
    for (const one of files) {
      try {
        await putPrompt(usual, promptNameOf(one.name), one);
        stored += 1;
      } catch (error) {
        tell("bad", t("library.refused", { file: one.name, reason: reasonOf(error) }));
      }
    }
    setSending(false);
    if (stored > 0) tell("good", t("library.storedMany", { count: stored }));
    prompts.reload();
  };
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

  return (
    <Shell>
      <div
        className={over ? "page drop-page over" : "page drop-page"}
        onDragOver={(event) => {
          if (!carriesFiles(event)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
        onDrop={(event) => {
          if (!carriesFiles(event)) return;
          event.preventDefault();
          setOver(false);
          void addFiles([...event.dataTransfer.files]);
        }}
      >
        <div className="page-head">
          <div className="grow">
            <h1>{t("shell.prompts")}</h1>
            <p className="muted plain">{over ? t("library.drop") : sending ? t("library.uploading") : t("library.lead")}</p>
          </div>
          <select className="input prompt-language" aria-label={t("library.language")} value={language} onChange={(event) => setLanguage(event.target.value)}>
            <option value="">{t("library.allLanguages")}</option>
            {languages.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <input type="search" className="input page-search" placeholder={t("library.search")} aria-label={t("library.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
          <button type="button" className="button" disabled={!flows.data || !prompts.data} onClick={() => setStudio(true)}>
            <FileSpreadsheet size={15} aria-hidden /> {t("studio.button")}
          </button>
          <button type="button" className="button primary" onClick={() => setAdding({ name: "", language: usual })}>
            <Plus size={15} aria-hidden /> {t("library.add")}
          </button>
        </div>
        <div className="row" role="group" aria-label={t("shell.prompts")}>
          <button type="button" className="place tab" aria-pressed={tab === "recordings"} onClick={() => setTab("recordings")}>
            {t("library.recordings")} <span className="chip">{prompts.data?.length ?? "–"}</span>
          </button>
          <button type="button" className="place tab" aria-pressed={tab === "missing"} onClick={() => setTab("missing")}>
            {t("library.missing")} <span className={missing.length ? "chip warn" : "chip"}>{flows.data && prompts.data ? missing.length : "–"}</span>
          </button>
        </div>
        {prompts.error && !prompts.data && <Failed error={prompts.error} retry={prompts.reload} />}
        {!prompts.data && !prompts.error && <Loading />}
        {prompts.data && tab === "recordings" && shown.length === 0 && (
          <div className="card">
            <Empty icon={<AudioLines size={26} aria-hidden />}>{query || language ? t("library.noneFound") : t("library.none")}</Empty>
          </div>
        )}
        {tab === "recordings" && shown.length > 0 && <PromptTable prompts={shown} uses={uses} onEdit={setEditing} onDelete={setDeleting} />}
        {tab === "missing" && flows.error && !flows.data && <Failed error={flows.error} retry={flows.reload} />}
        {tab === "missing" && prompts.data && flows.data && <MissingTable missing={missing} onAdd={(name, missingIn) => setAdding({ name, language: missingIn })} />}
      </div>
      {adding && (
        <AddPromptDialog
          prompts={prompts.data ?? []}
          languages={languages}
          {...adding}
          onClose={() => setAdding(null)}
          onStored={() => {
            setAdding(null);
            prompts.reload();
          }}
        />
      )}
      {editing && (
        <EditPromptDialog
          prompt={editing}
          onClose={() => setEditing(null)}
          onStored={() => {
            setEditing(null);
            prompts.reload();
          }}
        />
      )}
      {studio && (
        <StudioDialog
          flows={flows.data ?? []}
          prompts={prompts.data ?? []}
          language={language}
          onClose={() => setStudio(false)}
          onStored={() => {
            prompts.reload();
            flows.reload();
          }}
        />
      )}
      {deleting && (
        <DeleteDialog
          prompt={deleting}
          uses={uses.get(deleting.name)?.length ?? 0}
          onClose={() => {
            setDeleting(null);
            prompts.reload();
          }}
        />
      )}
    </Shell>
  );
}

function DeleteDialog({ prompt, uses, onClose }: { prompt: Prompt; uses: number; onClose(): void }) {
  const { t } = useTexts();
  const run = async (): Promise<void> => {
    try {
      await deletePrompt(prompt);
    } catch (error) {
      tell("bad", reasonOf(error));
    }
    onClose();
  };
  return (
    <Dialog
      title={t("library.deleteTitle", { name: `${prompt.name} (${prompt.language})` })}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          <button type="button" className="button danger" onClick={() => void run()}>
            {t("common.delete")}
          </button>
        </>
      }
    >
      <p>{uses > 0 ? t("library.deleteUsed", { count: uses }) : t("library.deleteUnused")}</p>
    </Dialog>
  );
}
