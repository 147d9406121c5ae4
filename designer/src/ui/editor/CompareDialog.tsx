/** Any two versions, or the draft and a version, side by side on one canvas. */
import { ArrowLeftRight } from "lucide-react";
import { useState } from "react";
import { type Version, openVersion } from "../../api/flows";
import type { Flow } from "../../core/flow";
import { Failed, Loading } from "../parts/States";
import { Dialog } from "../parts/Dialog";
import { useResource } from "../resource";
import { type Texts, useTexts } from "../texts";
import { useEditorState } from "./context";
import { DifferenceView } from "./DifferenceView";

/** The draft as it is in this browser, saved or not. */
export const DRAFT = 0;

/** `3 · Spring menu`, as people speak of it. */
export const versionName = ({ t }: Texts, { version, name }: Pick<Version, "version" | "name">): string =>
  name ? t("versions.named", { version, name }) : t("versions.number", { version });

interface Props {
  readonly versions: readonly Version[];
  readonly before: number;
  readonly after: number;
  onClose(): void;
}

export function CompareDialog({ versions, before, after, onClose }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const draft = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const [pair, setPair] = useState({ before, after });
  const load = (version: number): Promise<Flow | null> => (version === DRAFT ? Promise.resolve(null) : openVersion(draft.id, version));
  const old = useResource(`version ${draft.id} ${pair.before}`, () => load(pair.before));
  const now = useResource(`version ${draft.id} ${pair.after}`, () => load(pair.after));
  const failed = old.error ?? now.error;
  const title = t("compare.title");
  if (failed || old.data === undefined || now.data === undefined) {
    return (
      <Dialog title={title} onClose={onClose}>
        {failed ? <Failed error={failed} retry={() => { old.reload(); now.reload(); }} /> : <Loading />}
      </Dialog>
    );
  }
  const choice = (which: "before" | "after") => (
    <label className="row">
      <span className="label">{t(`compare.${which}`)}</span>
      <select className="input" value={pair[which]} onChange={(event) => setPair({ ...pair, [which]: Number(event.target.value) })}>
        <option value={DRAFT}>{t("compare.draft")}</option>
        {versions.map((version) => (
          <option key={version.version} value={version.version}>
            {versionName(texts, version)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <DifferenceView
      title={title}
      before={old.data ?? draft}
      after={now.data ?? draft}
      types={types}
      head={
        <>
          {choice("before")}
          <button type="button" className="icon-button" aria-label={t("compare.swap")} title={t("compare.swap")} onClick={() => setPair({ before: pair.after, after: pair.before })}>
            <ArrowLeftRight size={16} aria-hidden />
          </button>
          {choice("after")}
        </>
      }
      onClose={onClose}
    />
  );
}
