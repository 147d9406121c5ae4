/**
 * The cards of a flow seen from far away, for the keyboard and the screen reader: the picture itself has none.
 *
 * One stop of the Tab key. The arrows, Home and End walk through the cards in the order of the flow; the one that is reached
 * is selected, named and brought into sight. Enter goes near it. Only the card that is told of is in the page.
 */
import { useStoreApi } from "@xyflow/react";
import { type KeyboardEvent, useId } from "react";
import { nodeTitle } from "../../core/nodeTypes";
import { holds, rectOf, seen } from "../../core/scene";
import { useTexts } from "../texts";
import type { CanvasNode, CardNode } from "./canvasModel";

interface Props {
  readonly nodes: readonly CanvasNode[];
  readonly selected: ReadonlySet<string>;
  onSelect(id: string): void;
  onOpen(id: string): void;
  onSight(node: CanvasNode, zoom?: number): void;
}

const NEAR = 0.8;
const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + 10,
  PageUp: (at) => at - 10,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

export function PictureNodes({ nodes, selected, onSelect, onOpen, onSight }: Props) {
  const texts = useTexts();
  const id = useId();
  const store = useStoreApi();
  const cards = nodes.filter((node): node is CardNode => node.type === "card");
  const at = cards.findIndex((card) => selected.has(card.id));
  const current = cards[at] ?? cards[0];
  const go = (to: number): void => {
    const card = cards[Math.min(Math.max(to, 0), cards.length - 1)];
    if (!card) return;
    onSelect(card.id);
    const { transform, width, height } = store.getState();
    const [x, y, zoom] = transform;
    if (!holds(seen({ x, y, zoom }, width, height), rectOf(card))) onSight(card);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = STEPS[event.key];
    if (step) go(at < 0 && !["Home", "End"].includes(event.key) ? 0 : step(at, cards.length));
    else if (event.key === "Enter" && current) {
      onSight(current, NEAR);
      onOpen(current.id);
    } else return;
    event.preventDefault();
  };
  return (
    <div className="picture-nodes" role="listbox" tabIndex={0} aria-label={texts.t("canvas.nodes")} aria-activedescendant={current ? `${id}-at` : undefined} onKeyDown={onKeyDown}>
      {current && (
        <div id={`${id}-at`} role="option" aria-selected={at >= 0} aria-posinset={Math.max(at, 0) + 1} aria-setsize={cards.length}>
          {cardName(current, texts)}
        </div>
      )}
    </div>
  );
}

/** How a card is called: its title and what it is, and what is wrong with it. */
function cardName({ data: { node, type, marks } }: CardNode, { t, pick, language }: ReturnType<typeof useTexts>): string {
  const wrong = marks.errors > 0 ? t("problems.errors", { count: marks.errors }) : "";
  return [nodeTitle(node, type, language), node.title ? pick(type?.title) : node.id, wrong].filter(Boolean).join(", ");
}
