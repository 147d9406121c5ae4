/** Two versions of a flow on one canvas: what was added, removed, changed; beside it the list to walk, and a node's changes field by field. */
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type ChangeItem, bothFlows, differenceOverlay, itemsOf, nodeChanges, shownValue, changesIn } from "../../core/changes";
import { compare } from "../../core/difference";
import { type Flow, nodeById } from "../../core/flow";
import { type NodeTypes, nodeTitle, portsOf } from "../../core/nodeTypes";
import { Overlays } from "../../core/overlay";
import { Dialog } from "../parts/Dialog";
import { type Texts, useTexts } from "../texts";
import { OverlaySign } from "./overlaySigns";
import { portText } from "./portSigns";
import { ReadOnlyCanvas } from "./ReadOnlyCanvas";

interface Names {
  node(id: string): string;
  edge(item: ChangeItem & { kind: "edge" }): string;
}

function namesIn(flow: Flow, types: NodeTypes, texts: Texts): Names {
  const title = (id: string): string => {
    const node = nodeById(flow, id);
    return node ? nodeTitle(node, types.get(node.type), texts.language) : id;
  };
  return {
    node: title,
    edge: ({ from, port, to }) => {
      const node = nodeById(flow, from);
      const found = node ? portsOf(types.get(node.type), node.fields).find((item) => item.id === port) : undefined;
      return `${title(from)} · ${found ? portText(found, texts) : port} → ${title(to)}`;
    },
  };
}

interface Props {
  readonly title: string;
  readonly before: Flow;
  readonly after: Flow;
  readonly types: NodeTypes;
  /** Above the canvas: which versions these are. */
  readonly head: ReactNode;
  readonly foot?: ReactNode;
  onClose(): void;
}

export function DifferenceView({ title, before, after, types, head, foot, onClose }: Props) {
  const texts = useTexts();
  const { t } = texts;
  const [overlays] = useState(() => new Overlays());
  const both = useMemo(() => bothFlows(before, after), [before, after]);
  const difference = useMemo(() => compare(before, after), [before, after]);
  const items = useMemo(() => itemsOf(difference, both), [difference, both]);
  const names = useMemo(() => namesIn(both, types, texts), [both, types, texts]);
  const [at, setAt] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => overlays.set("difference", differenceOverlay(difference)), [overlays, difference]);
  // Versions that come later and differ in the same places leave the reader where they are.
  const places = items.map((one) => `${one.kind} ${one.id} ${one.mark}`).join("\n");
  useEffect(() => setAt(null), [places]);

  const item = at === null ? undefined : items[at];
  const nodeId = item?.kind === "node" ? item.id : item?.kind === "edge" ? item.from : null;
  const go = (index: number): void => {
    if (items.length === 0) return;
    const next = (index + items.length) % items.length;
    setAt(next);
    list.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
  };
  const step = (by: number): void => go(at === null ? (by > 0 ? 0 : items.length - 1) : at + by);
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (target.matches("select, input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { n: 1, ArrowDown: 1, p: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  };
  const name = (one: ChangeItem): string =>
    one.kind === "setting" ? t(`difference.setting.${one.id as "name"}`) : one.kind === "node" ? names.node(one.id) : names.edge(one);

  return (
    <Dialog title={title} onClose={onClose} full foot={foot}>
      {/* The keys of the walk work wherever the focus is in the dialogue. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="difference-view" onKeyDown={onKeyDown}>
        <div className="row difference-head">{head}</div>
        <div className="difference-canvas">
          <ReadOnlyCanvas
            flow={both}
            types={types}
            overlays={overlays}
            selected={nodeId}
            focus={nodeId}
            onSelect={(id) => {
              const found = items.findIndex((one) => one.kind === "node" && one.id === id);
              setAt(found < 0 ? null : found);
            }}
          />
        </div>
        <aside className="difference-side" aria-label={t("difference.list")}>
          <div className="row">
            <strong role="status">{items.length === 0 ? t("difference.none") : at === null ? t("difference.count", { count: items.length }) : t("difference.at", { n: at + 1, count: items.length })}</strong>
            <span className="grow" />
            <button type="button" className="icon-button" disabled={items.length === 0} aria-label={t("difference.previous")} title={`${t("difference.previous")} (P)`} onClick={() => step(-1)}>
              <ChevronLeft size={17} aria-hidden />
            </button>
            <button type="button" className="icon-button" disabled={items.length === 0} aria-label={t("difference.next")} title={`${t("difference.next")} (N)`} onClick={() => step(1)}>
              <ChevronRight size={17} aria-hidden />
            </button>
          </div>
          <ol ref={list} className="difference-list">
            {items.map((one, index) => (
              <li key={`${one.kind} ${one.id} ${one.mark}`}>
                <button type="button" aria-current={index === at ? "true" : undefined} onClick={() => setAt(index)}>
                  <OverlaySign sign={{ overlay: "difference", tone: one.mark, text: "", title: t(`difference.${one.mark}`) }} />
                  <span className="grow ellipsis" title={name(one)}>{name(one)}</span>
                </button>
                {index === at && <Details item={one} before={before} after={after} types={types} texts={texts} />}
              </li>
            ))}
          </ol>
        </aside>
      </div>
    </Dialog>
  );
}

function Details({ item, before, after, types, texts }: { item: ChangeItem; before: Flow; after: Flow; types: NodeTypes; texts: Texts }) {
  const { t } = texts;
  if (item.kind === "edge") return null;
  const old = nodeById(before, item.id);
  const now = nodeById(after, item.id);
  const setting = item.id as keyof Flow;
  const changes = item.kind === "node" ? nodeChanges(old, now) : changesIn(before[setting], after[setting], [item.id]);
  const properties = types.get((now ?? old)?.type ?? "")?.schema.properties ?? {};
  const titleOf = ([field = "", ...inner]: readonly string[]): string => {
    const known = item.kind === "setting" ? t(`difference.setting.${field as "name"}`) : field === "title" || field === "type" ? t(`difference.field.${field}`) : "";
    const named = known || texts.pick(Object.hasOwn(properties, field) ? properties[field]?.["x-title"] : undefined) || field;
    return [named, ...inner.map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part))].join(" › ");
  };
  if (changes.length === 0) return item.mark === "moved" ? <p className="muted small difference-details">{t("difference.movedOnly")}</p> : null;
  return (
    <dl className="difference-details">
      {changes.map(({ path, before: was, after: is }) => (
        <div key={path.join("|")}>
          <dt>{titleOf(path)}</dt>
          <dd>
            {was !== undefined && (
              <del>
                <span className="sr-only">{t("difference.before")}: </span>
                {shownValue(was)}
              </del>
            )}
            {is !== undefined && (
              <ins>
                <span className="sr-only">{t("difference.after")}: </span>
                {shownValue(is)}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
