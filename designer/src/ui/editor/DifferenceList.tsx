import { type Difference, isEmpty } from "../../core/difference";
import { type Flow, nodeById } from "../../core/flow";
import { nodeTitle } from "../../core/nodeTypes";
import { useTexts } from "../texts";
import { useEditorState } from "./context";

const SIGNS = { added: "+", removed: "−", changed: "~", moved: "↔" } as const;
const TONES = { added: "good", removed: "bad", changed: "warn", moved: "" } as const;

/** What differs between two versions, in words. */
export function DifferenceList({ difference, before, after }: { difference: Difference; before: Flow; after: Flow }) {
  const { t, language } = useTexts();
  const types = useEditorState((state) => state.types);
  if (isEmpty(difference)) return <p className="muted">{t("difference.none")}</p>;
  const title = (id: string): string => {
    const node = nodeById(after, id) ?? nodeById(before, id);
    return node ? nodeTitle(node, types.get(node.type), language) : id;
  };
  const edgeTitle = (key: string): string => {
    const [, from = "", port = "", to = ""] = /^(.*)\|(.*)>(.*)$/.exec(key) ?? [];
    return `${title(from)} · ${port} → ${title(to)}`;
  };
  return (
    <ul className="difference">
      {difference.settings.map((name) => (
        <li key={name}>
          <span className="chip warn">{SIGNS.changed}</span> {t(`difference.setting.${name as "name"}`)}
        </li>
      ))}
      {[...difference.nodes].map(([id, mark]) => (
        <li key={id}>
          <span className={`chip ${TONES[mark]}`} title={t(`difference.${mark}`)} aria-label={t(`difference.${mark}`)}>
            {SIGNS[mark]}
          </span>
          <span>{title(id)}</span>
          <span className="muted small mono ellipsis">{difference.fields.get(id)?.join(", ") ?? id}</span>
        </li>
      ))}
      {[...difference.edges].map(([key, mark]) => (
        <li key={key}>
          <span className={`chip ${TONES[mark]}`} aria-label={t(`difference.${mark}`)}>
            {SIGNS[mark]}
          </span>
          <span className="ellipsis">{edgeTitle(key)}</span>
        </li>
      ))}
    </ul>
  );
}
