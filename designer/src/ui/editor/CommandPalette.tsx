import { AudioLines, StickyNote, Variable, Workflow, Zap } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type SearchHit, searchFlows } from "../../api/editing";
import { listFlows } from "../../api/flows";
import { listPrompts } from "../../api/prompts";
import { allActions, isEnabled } from "../../core/actions";
import { nodeById } from "../../core/flow";
import { showBinding } from "../../core/keys";
import { type Findable, find, findablesOf } from "../../core/search";
import { useResource } from "../resource";
import { navigate } from "../router";
import { useTexts } from "../texts";
import { useActionContext, useEditorState } from "./context";
import { NodeIcon, categoryStyle } from "./nodeIcons";
import { isMac } from "./shortcuts";

interface Command {
  readonly id: string;
  readonly icon: ReactNode;
  readonly detail: string;
  readonly key?: string | undefined;
  readonly disabled?: boolean;
  run(): void;
}

/** One place to find nodes, variables, notes, flows, and everything that can be done. */
export function CommandPalette({ onClose }: { onClose(): void }) {
  const texts = useTexts();
  const { t, named, pick, language } = texts;
  const context = useActionContext();
  const { editor, host } = context;
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const flows = useResource("palette flows", listFlows);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const items = useMemo<Findable<Command>[]>(() => {
    const places = findablesOf(flow, types, language).map(({ value, ...rest }): Findable<Command> => {
      if (value.kind === "node") {
        const type = types.get(nodeById(flow, value.id)?.type ?? "");
        return {
          ...rest,
          value: {
            id: `node ${value.id}`,
            detail: `${pick(type?.title)} · ${value.id}`,
            icon: (
              <span className="card-icon" style={categoryStyle(type?.category)}>
                <NodeIcon type={type} size={14} />
              </span>
            ),
            run: () => {
              editor.select({ nodes: [value.id] });
              host.showPanel("properties");
              host.fit([value.id]);
            },
          },
        };
      }
      if (value.kind === "variable") {
        return { ...rest, value: { id: `variable ${value.name}`, detail: t("search.variable"), icon: <Variable size={16} aria-hidden />, run: () => host.showPanel("flow") } };
      }
      return {
        ...rest,
        value: {
          id: `note ${value.id}`,
          detail: t("search.note"),
          icon: <StickyNote size={16} aria-hidden />,
          run: () => {
            editor.select({ notes: [value.id] });
            host.fit([value.id]);
          },
        },
      };
    });
    const actions = allActions().map((action): Findable<Command> => ({
      title: named(`action.${action.id}`),
      words: action.id,
      value: {
        id: `action ${action.id}`,
        detail: t(`group.${action.group}`),
        icon: <Zap size={16} aria-hidden />,
        key: action.keys?.[0],
        disabled: !isEnabled(action, context),
        run: () => void action.run(context),
      },
    }));
    const others = (flows.data ?? [])
      .filter((other) => other.id !== flow.id)
      .map((other): Findable<Command> => ({
        title: pick(other.name) || other.id,
        words: other.id,
        value: { id: `flow ${other.id}`, detail: t("search.flow"), icon: <Workflow size={16} aria-hidden />, run: () => navigate(`/flows/${encodeURIComponent(other.id)}`) },
      }));
    return [...places, ...actions, ...others];
  }, [flow, types, language, pick, named, t, context, editor, host, flows.data]);

  const elsewhere = useElsewhere(query, flow.id);
  const far = useMemo<Findable<Command>[]>(() => {
    const named = new Map((flows.data ?? []).map((other) => [other.id, pick(other.name) || other.id]));
    const places = elsewhere.hits.map((hit): Findable<Command> => ({
      title: hit.title || hit.text,
      value: {
        id: `far ${hit.flow} ${hit.kind} ${hit.id}`,
        detail: `${t("search.elsewhere", { flow: named.get(hit.flow) ?? hit.flow })}${hit.title && hit.text !== hit.title ? ` · ${hit.text}` : ""}`,
        icon: hit.kind === "variable" ? <Variable size={16} aria-hidden /> : hit.kind === "note" ? <StickyNote size={16} aria-hidden /> : <Workflow size={16} aria-hidden />,
        run: () => navigate(`/flows/${encodeURIComponent(hit.flow)}${hit.kind === "node" ? `?node=${encodeURIComponent(hit.id)}` : ""}`),
      },
    }));
    const recordings = [...new Set(elsewhere.recordings)].map((name): Findable<Command> => ({
      title: name,
      value: { id: `recording ${name}`, detail: t("search.prompt"), icon: <AudioLines size={16} aria-hidden />, run: () => navigate("/library") },
    }));
    return [...recordings, ...places];
  }, [elsewhere, flows.data, pick, t]);

  const hits = [...find(items, query, 60), ...far];
  const active = Math.min(at, hits.length - 1);
  useEffect(() => void list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active]);

  const choose = (index: number): void => {
    const hit = hits[index];
    if (!hit || hit.value.disabled) return;
    onClose();
    // The dialogue gives the focus back first: an action may move it.
    setTimeout(() => hit.value.run());
  };

  return (
    <dialog ref={dialog} className="command-palette" aria-label={t("search.title")} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <input
        className="input"
        role="combobox"
        aria-expanded
        aria-controls="command-list"
        aria-activedescendant={`command-${active}`}
        aria-label={t("search.title")}
        placeholder={t("search.placeholder")}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") choose(active);
          else if (event.key === "ArrowDown") setAt(Math.min(active + 1, hits.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(active - 1, 0));
          else return;
          event.preventDefault();
        }}
      />
      <ul ref={list} id="command-list" role="listbox" aria-label={t("search.title")}>
        {hits.map(({ title, value }, index) => (
          // Keys are handled by the input above, which keeps the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li key={value.id} id={`command-${index}`} role="option" aria-selected={index === active} aria-disabled={value.disabled} onPointerMove={() => setAt(index)} onClick={() => choose(index)}>
            <span className="command-icon">{value.icon}</span>
            <span className="ellipsis">{title}</span>
            <span className="muted small ellipsis grow">{value.detail}</span>
            {value.key && <kbd>{showBinding(value.key, isMac)}</kbd>}
          </li>
        ))}
        {elsewhere.searching && <li className="muted small pad">{t("search.searching")}</li>}
        {hits.length === 0 && !elsewhere.searching && <li className="muted pad">{t("search.none")}</li>}
      </ul>
    </dialog>
  );
}

const QUIET_MS = 250;
const NOTHING: readonly SearchHit[] = [];

/** What the words find beyond this flow: in the others, and among the recordings. Asked a moment after typing. */
function useElsewhere(query: string, own: string): { hits: readonly SearchHit[]; recordings: readonly string[]; searching: boolean } {
  const words = query.trim();
  const prompts = useResource("palette prompts", () => listPrompts().catch(() => []));
  const [found, setFound] = useState<{ words: string; hits: readonly SearchHit[] }>({ words: "", hits: NOTHING });
  const worth = words.length > 1;
  useEffect(() => {
    if (!worth) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      searchFlows(words, controller.signal).then(
        (hits) => setFound({ words, hits: hits.filter((hit) => hit.flow !== own && hit.kind !== "flow") }),
        () => controller.signal.aborted || setFound({ words, hits: NOTHING }),
      );
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [words, worth, own]);
  return useMemo(() => {
    const recordings = worth ? (prompts.data ?? []).filter((prompt) => prompt.name.toLowerCase().includes(words.toLowerCase())).map((prompt) => prompt.name) : [];
    return { hits: worth && found.words === words ? found.hits : NOTHING, recordings: recordings.slice(0, 10), searching: worth && found.words !== words };
  }, [worth, found, words, prompts.data]);
}
