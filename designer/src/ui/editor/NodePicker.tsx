import { useEffect, useRef, useState } from "react";
import { find } from "../../core/search";
import { useTexts } from "../texts";
import { useEditorState } from "./context";
import { NodeIcon, categoryStyle } from "./nodeIcons";
import { typesToAdd } from "./Palette";

interface Props {
  readonly screen: { x: number; y: number };
  readonly targets: readonly { id: string; title: string }[];
  onType(type: string): void;
  onNode(id: string): void;
  onClose(): void;
}

/** Which node comes next: a new one of some type, or one that is there. */
export function NodePicker({ screen, targets, onType, onNode, onClose }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const types = useEditorState((state) => state.types);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const root = useRef<HTMLDivElement>(null);

  const items = [
    ...typesToAdd(types, query, texts).map((type) => ({ kind: "type" as const, id: type.type, title: texts.pick(type.title), type })),
    ...(query ? find(targets.map((target) => ({ title: target.title, words: target.id, value: target })), query, 8) : []).map((hit) => ({
      kind: "node" as const,
      id: hit.value.id,
      title: hit.value.title,
      type: undefined,
    })),
  ];
  const active = Math.min(at, items.length - 1);

  useEffect(() => {
    input.current?.focus();
    const outside = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, [onClose]);

  const choose = (index: number): void => {
    const item = items[index];
    if (!item) return;
    if (item.kind === "type") onType(item.id);
    else onNode(item.id);
    onClose();
  };

  return (
    <div
      ref={root}
      className="node-picker"
      style={{ left: Math.min(screen.x, innerWidth - 270), top: Math.min(screen.y, innerHeight - 360) }}
    >
      <input
        ref={input}
        className="input"
        role="combobox"
        aria-expanded
        aria-controls="node-picker-list"
        aria-activedescendant={`node-picker-${active}`}
        aria-label={t("picker.next")}
        placeholder={t("picker.next")}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") onClose();
          else if (event.key === "Enter") choose(active);
          else if (event.key === "ArrowDown") setAt(Math.min(active + 1, items.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(active - 1, 0));
          else return;
          event.preventDefault();
        }}
      />
      <ul id="node-picker-list" role="listbox" aria-label={t("picker.next")}>
        {items.map((item, index) => (
          // Keys are handled by the input above, which keeps the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={`${item.kind} ${item.id}`}
            id={`node-picker-${index}`}
            role="option"
            aria-selected={index === active}
            className="palette-item"
            style={categoryStyle(item.type?.category ?? "logic")}
            onPointerEnter={() => setAt(index)}
            onClick={() => choose(index)}
          >
            <span className="card-icon">
              <NodeIcon type={item.type} />
            </span>
            <span className="ellipsis">{item.kind === "node" ? t("picker.existing", { node: item.title }) : item.title}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
