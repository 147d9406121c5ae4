import { ArrowLeft, BarChart3, CheckCircle2, CircleAlert, CloudOff, Ellipsis, LoaderCircle, Play, Redo2, Search, TriangleAlert, Undo2, Upload } from "lucide-react";
import { type ActionContext, actionById, isEnabled } from "../../core/actions";
import { showBinding } from "../../core/keys";
import type { Person } from "../../core/presence";
import { countProblems } from "../../core/problems";
import { Menu } from "../parts/Menu";
import { Link } from "../router";
import { UserMenu } from "../shell/UserMenu";
import { useTexts } from "../texts";
import type { CheckState } from "./checking";
import { useActionContext, useEditorState } from "./context";
import type { SaveState, Saving } from "./saving";
import { isMac } from "./shortcuts";

function useAction(id: string): { title: string; enabled: boolean; run(): void; label: string } {
  const { named } = useTexts();
  const context: ActionContext = useActionContext();
  const action = actionById(id);
  // Whether an action can be done depends on history and selection.
  useEditorState((state) => state.history);
  useEditorState((state) => state.selection);
  const label = named(`action.${id}`);
  const [key] = action.keys ?? [];
  return { label, title: key ? `${label} (${showBinding(key, isMac)})` : label, enabled: isEnabled(action, context), run: () => void action.run(context) };
}

function ActionButton({ id, icon: Icon }: { id: string; icon: typeof Undo2 }) {
  const { label, title, enabled, run } = useAction(id);
  return (
    <button type="button" className="icon-button" aria-label={label} title={title} disabled={!enabled} onClick={run}>
      <Icon size={16} aria-hidden />
    </button>
  );
}

function MenuAction({ id }: { id: string }) {
  const { label, enabled, run } = useAction(id);
  const [key] = actionById(id).keys ?? [];
  return (
    <button type="button" disabled={!enabled} onClick={run}>
      <span className="grow">{label}</span>
      {key && <kbd>{showBinding(key, isMac)}</kbd>}
    </button>
  );
}

function SaveSign({ state }: { state: SaveState }) {
  const { t } = useTexts();
  const text = t(`save.${state}`);
  const tone = state === "offline" || state === "conflict" ? "bad" : state === "changed" ? "warn" : "";
  return (
    <span className={`save-sign ${tone ? `${tone}-text` : "muted"}`} role="status" title={t(`save.${state}.help`)}>
      {state === "saving" && <LoaderCircle size={14} className="spin" aria-hidden />}
      {state === "saved" && <CheckCircle2 size={14} aria-hidden />}
      {state === "offline" && <CloudOff size={14} aria-hidden />}
      {state === "conflict" && <CircleAlert size={14} aria-hidden />}
      {state === "changed" && <span className="dot" aria-hidden />}
      {text}
    </span>
  );
}

function ProblemSign({ checking }: { checking: CheckState }) {
  const { t } = useTexts();
  const { host } = useActionContext();
  const { errors, warnings } = countProblems(useEditorState((state) => state.problems));
  return (
    <button type="button" className="icon-button problem-sign" onClick={() => host.showPanel("problems")} aria-label={t("problems.summary", { errors, warnings })} title={t("problems.summary", { errors, warnings })}>
      {checking === "checking" && <LoaderCircle size={14} className="spin" aria-hidden />}
      {errors === 0 && warnings === 0 && checking !== "checking" && <CheckCircle2 size={15} className="good-text" aria-hidden />}
      {errors > 0 && (
        <span className="bad-text row tight">
          <CircleAlert size={15} aria-hidden /> <span className="figures">{errors}</span>
        </span>
      )}
      {warnings > 0 && (
        <span className="warn-text row tight">
          <TriangleAlert size={15} aria-hidden /> <span className="figures">{warnings}</span>
        </span>
      )}
    </button>
  );
}

/** The others who have the flow open: a letter each, a click leads to what they have selected. */
function People({ others }: { others: readonly Person[] }) {
  const { t } = useTexts();
  const { editor, host } = useActionContext();
  if (others.length === 0) return null;
  return (
    <ul className="people" aria-label={t("presence.others")}>
      {others.map((person) => {
        const label = t(person.unsaved ? "presence.working" : "presence.looking", { user: person.user });
        return (
          <li key={person.page}>
            <button
              type="button"
              aria-label={label}
              title={label}
              className={person.unsaved ? "unsaved" : ""}
              onClick={() => {
                const nodes = person.nodes.filter((id) => editor.flow.nodes.some((node) => node.id === id));
                if (nodes.length > 0) host.fit(nodes);
              }}
            >
              {[...person.user][0]?.toUpperCase() ?? "?"}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const MORE = [
  ["flow.export", "flow.import"],
  ["arrange.layout", "arrange.note", "arrange.frame"],
  ["view.toggle.minimap", "view.toggle.palette", "view.toggle.grid", "view.keys"],
];

export function TopBar({ saving, checking, others }: { saving: Saving; checking: CheckState; others: readonly Person[] }) {
  const { t, pick } = useTexts();
  const { host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const published = useEditorState((state) => state.published);
  const testing = useEditorState((state) => state.testing);
  const save = useAction("flow.save");
  return (
    <header className="topbar">
      <Link to="/" className="icon-button" aria-label={t("shell.flows")} title={t("shell.flows")}>
        <ArrowLeft size={17} aria-hidden />
      </Link>
      <button type="button" className="flow-title" title={t("action.panel.flow")} onClick={() => host.showPanel("flow")}>
        <h1>{pick(flow.name) || flow.id}</h1>
        <span className={published === null ? "chip" : "chip good"}>{published === null ? t("flows.draft") : t("flows.published", { version: published })}</span>
        {testing !== null && <span className="chip warn">{t("versions.testingChip", { version: testing })}</span>}
      </button>
      <SaveSign state={saving.state} />
      <People others={others} />
      <span className="grow" />
      <button type="button" className="search-button" onClick={() => host.openPalette()}>
        <Search size={14} aria-hidden /> <span className="grow">{t("search.button")}</span> <kbd>{showBinding("Mod+K", isMac)}</kbd>
      </button>
      <span className="grow" />
      <ActionButton id="edit.undo" icon={Undo2} />
      <ActionButton id="edit.redo" icon={Redo2} />
      <ProblemSign checking={checking} />
      <Menu label={t("topbar.more")} button={<Ellipsis size={17} aria-hidden />}>
        {MORE.map((group, index) => (
          <div key={group[0]}>
            {index > 0 && <hr />}
            {group.map((id) => (
              <MenuAction key={id} id={id} />
            ))}
          </div>
        ))}
        <hr />
        <Link to={`/analytics/${encodeURIComponent(flow.id)}`}>
          <BarChart3 size={15} aria-hidden /> {t("flows.analytics")}
        </Link>
      </Menu>
      <button type="button" className="button" onClick={() => host.simulate()} title={`${t("action.flow.simulate")} (${showBinding("Mod+Enter", isMac)})`}>
        <Play size={14} aria-hidden /> {t("topbar.simulate")}
      </button>
      <button type="button" className="button" title={save.title} disabled={saving.state === "saved" || saving.state === "saving"} onClick={save.run}>
        {t("topbar.save")}
      </button>
      <button type="button" className="button primary" onClick={() => host.publish()}>
        <Upload size={14} aria-hidden /> {t("topbar.publish")}
      </button>
      <UserMenu />
    </header>
  );
}
