/** A flow from a file: one that was exported, or hand-written VoiceXML, which is shown before it is stored. */
import { FileUp } from "lucide-react";
import { useState } from "react";
import { type ImportedFlow, importVoiceXml } from "../../api/editing";
import { createFlow, listNodeTypes } from "../../api/flows";
import { FlowFileError, isFlowId, parseFlow } from "../../core/flow";
import { type NodeTypes, indexTypes } from "../../core/nodeTypes";
import { countProblems } from "../../core/problems";
import { decodeText, kindOfText, namesRoot } from "../../core/textFiles";
import { CodeEditor, type CodeProblem } from "../parts/CodeEditor";
import { Dialog } from "../parts/Dialog";
import { pickFile } from "../files";
import { reasonOf } from "../refusals";
import { asApiError, useResource } from "../resource";
import { navigate } from "../router";
import { useTexts } from "../texts";
import { FlowPicture } from "./FlowPicture";
import { flowIdFrom, freeFlowId } from "./flowId";
import "./flows.css";

const noTypes = indexTypes([]);

export function ImportDialog({ taken, onClose }: { taken: readonly string[]; onClose(): void }) {
  const texts = useTexts();
  const { t, named } = texts;
  const found = useResource("node types", listNodeTypes);
  const types = found.data ? indexTypes(found.data) : noTypes;
  const [text, setText] = useState("");
  const [over, setOver] = useState(false);
  const [fileName, setFileName] = useState("");
  const [base, setBase] = useState("");
  const [root, setRoot] = useState("");
  const [ownId, setOwnId] = useState<string | null>(null);
  const [made, setMade] = useState<ImportedFlow | null>(null);
  const [failure, setFailure] = useState("");
  const [place, setPlace] = useState<CodeProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const kind = kindOfText(text);
  const rooted = kind === "voicexml" && namesRoot(text);
  const proposed = freeFlowId(flowIdFrom(fileName.replace(/\.[A-Za-z0-9]+$/, "")), taken);
  const id = ownId ?? proposed;
  const wrongId = !isFlowId(id) ? t("flows.badId") : taken.includes(id) ? t("flows.takenId") : "";

  const change = (next: string): void => {
    setText(next);
    setMade(null);
    setPlace(null);
    setFailure("");
  };
  const read = async (file: File): Promise<void> => {
    try {
      change(decodeText(new Uint8Array(await file.arrayBuffer())));
      setFileName(file.name);
    } catch (error) {
      setFailure(t("flows.importFailed", { reason: String(error) }));
    }
  };

  const fail = (error: unknown): void => {
    if (error instanceof FlowFileError) {
      setFailure(named(`flowFile.${error.reason}`));
      return;
    }
    const { detail } = asApiError(error);
    const reason = detail["reason"] ? texts.pick(detail["reason"] as Record<string, string>) : reasonOf(error);
    const line = Number(detail["line"]);
    const column = Number(detail["column"]);
    setFailure(line > 0 ? t("import.refusedAt", { line, column, reason }) : reason);
    if (line > 0) setPlace({ line, column, severity: "error", message: reason });
  };

  const work = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      await run();
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };
  const look = (): Promise<void> => work(async () => setMade(await importVoiceXml(id, text, { name: fileName.replace(/\.[A-Za-z0-9]+$/, ""), ...(base ? { base } : {}), ...(rooted && root.trim() ? { application: root } : {}) })));
  const store = (): Promise<void> =>
    work(async () => {
      const flow = kind === "flow" ? parseFlow(text) : made?.flow;
      if (!flow) return;
      const wanted = kind === "flow" && ownId === null && isFlowId(flow.id) && !taken.includes(flow.id) ? flow.id : id;
      await createFlow({ ...flow, id: wanted });
      navigate(`/flows/${encodeURIComponent(wanted)}`);
    });

  return (
    <Dialog
      title={t("import.title")}
      wide
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
          {kind === "voicexml" && !made ? (
            <button type="button" className="button primary" disabled={busy || Boolean(wrongId)} onClick={() => void look()}>
              {t("import.look")}
            </button>
          ) : (
            <button type="button" className="button primary" disabled={busy || kind === "unknown" || Boolean(wrongId)} onClick={() => void store()}>
              {t("flows.create")}
            </button>
          )}
        </>
      }
    >
      {!made && (
        <>
          <p className="muted">{t("import.lead")}</p>
          <label
            className={over ? "drop-here over" : "drop-here"}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(false);
              const [file] = event.dataTransfer.files;
              if (file) void read(file);
            }}
          >
            <FileUp size={16} aria-hidden /> {fileName || t("import.choose")}
            <input
              type="file"
              className="sr-only"
              accept=".json,.vxml,.xml,application/json,application/voicexml+xml"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                if (file) void read(file);
              }}
            />
          </label>
          <CodeEditor id="import-text" language={kind === "flow" ? "yaml" : "xml"} label={t("import.text")} value={text} onChange={change} invalid={Boolean(failure)} problems={place ? [place] : []} placeholder={t("import.paste")} />
        </>
      )}
      {rooted && !made && (
        <div className="stack tight">
          <div className="row">
            <label className="label grow" htmlFor="import-root">
              {t("import.root")}
            </label>
            <button type="button" className="link" onClick={() => void pickFile(".vxml,.xml,application/voicexml+xml").then((picked) => picked !== null && setRoot(picked))}>
              <FileUp size={13} aria-hidden /> {t("import.rootChoose")}
            </button>
          </div>
          <textarea id="import-root" className="input mono" rows={4} spellCheck={false} value={root} onChange={(event) => setRoot(event.target.value)} />
          <span className="small muted">{t("import.rootHelp")}</span>
        </div>
      )}
      {made && <ImportReport made={made} types={types} />}
      <div className="field-pair">
        <label className="field">
          <span className="label">{t("flows.id")}</span>
          <input
            className="input mono"
            aria-invalid={Boolean(wrongId)}
            value={id}
            onChange={(event) => {
              setOwnId(event.target.value);
              setMade(null);
            }}
          />
          <span className={wrongId ? "small bad-text" : "small muted"}>{wrongId || t("flows.idHelp")}</span>
        </label>
        {kind === "voicexml" && !made && (
          <label className="field">
            <span className="label">{t("import.base")}</span>
            <input className="input mono" type="url" placeholder="https://ivr.example/main.vxml" value={base} onChange={(event) => setBase(event.target.value.trim())} />
            <span className="small muted">{t("import.baseHelp")}</span>
          </label>
        )}
      </div>
      {failure && (
        <p className="notice bad" role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}

/** What became what, so that the author sees where code stayed and why. */
function ImportReport({ made, types }: { made: ImportedFlow; types: NodeTypes }) {
  const { t, pick } = useTexts();
  const code = made.report.filter((each) => each.reason !== null).length;
  const { errors, warnings } = countProblems(made.problems);
  const titled = (type: string): string => pick(types.get(type)?.title) || type;
  return (
    <>
      <p>{t("import.summary", { dialogs: made.report.filter((each) => each.dialog).length, nodes: made.flow.nodes.length, code })}</p>
      <div className="import-picture">
        <FlowPicture flow={made.flow} types={types} label={t("import.picture")} />
      </div>
      {/* Long reports are scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="report" tabIndex={0} role="region" aria-label={t("import.report")}>
        <table className="table">
          <thead>
            <tr>
              <th>{t("import.dialog")}</th>
              <th>{t("import.became")}</th>
            </tr>
          </thead>
          <tbody>
            {made.report.map((each) => (
              <tr key={`${each.line} ${each.column}`}>
                <td>
                  <span className="mono">{each.dialog || t("import.head")}</span>
                  <div className="muted small">{t("import.line", { line: each.line })}</div>
                </td>
                <td>
                  {each.types.map(titled).join(" → ")}
                  {each.reason && <div className="muted small">{t("import.stays", { reason: pick(each.reason) })}</div>}
                  {each.notes.map((note) => (
                    <div key={pick(note)} className="warn-text small">
                      {pick(note)}
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {errors + warnings > 0 && <p className="notice">{t("import.problems", { errors, warnings })}</p>}
    </>
  );
}
