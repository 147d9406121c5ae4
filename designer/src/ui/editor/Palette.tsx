import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { CATEGORIES, type NodeType, type NodeTypes } from "../../core/nodeTypes";
import { find } from "../../core/search";
import { useTexts } from "../texts";
import { useActionContext, useEditorState } from "./context";
import { NodeIcon, categoryStyle } from "./nodeIcons";

export const DRAG_TYPE = "application/x-vxmlplat-node";

/** Node types that an author can add, found by title, summary or name. */
export function typesToAdd(types: NodeTypes, query: string, texts: { pick: (text: NodeType["title"]) => string }): NodeType[] {
  const items = [...types.values()]
    .filter((type) => type.category !== "start" && type.type !== "start")
    .map((type) => ({
      title: texts.pick(type.title),
      words: [type.type, ...Object.values(type.title), texts.pick(type.summary)].join(" "),
      value: type,
    }));
  return find(items, query, 100).map((hit) => hit.value);
}

export function Palette() {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const types = useEditorState((state) => state.types);
  const [query, setQuery] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const found = typesToAdd(types, query, texts);

  const add = (type: NodeType): void => {
    const id = editor.addBehind(type.type, host.pointer());
    host.fit([id]);
  };

  return (
    <aside className="palette" aria-label={t("palette.title")}>
      <input
        type="search"
        className="input"
        placeholder={t("palette.search")}
        aria-label={t("palette.search")}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <div className="palette-list">
        {CATEGORIES.map((category) => {
          const members = found.filter((type) => type.category === category);
          if (members.length === 0) return null;
          const open = Boolean(query) || !closed.has(category);
          return (
            <section key={category}>
              <button
                type="button"
                className="palette-group"
                aria-expanded={open}
                onClick={() => {
                  const next = new Set(closed);
                  if (!next.delete(category)) next.add(category);
                  setClosed(next);
                }}
              >
                <ChevronDown size={13} aria-hidden className={open ? "" : "turned"} /> {t(`category.${category}`)}
              </button>
              {open &&
                members.map((type) => (
                  <button
                    key={type.type}
                    type="button"
                    className="palette-item"
                    style={categoryStyle(category)}
                    draggable
                    title={texts.pick(type.summary)}
                    onDragStart={(event) => {
                      event.dataTransfer.setData(DRAG_TYPE, type.type);
                      event.dataTransfer.effectAllowed = "copy";
                    }}
                    onClick={() => add(type)}
                  >
                    <span className="card-icon">
                      <NodeIcon type={type} />
                    </span>
                    <span className="ellipsis">{texts.pick(type.title)}</span>
                  </button>
                ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="muted small pad">{t("palette.none")}</p>}
      </div>
      <p className="muted small palette-hint">{t("palette.hint")}</p>
    </aside>
  );
}
