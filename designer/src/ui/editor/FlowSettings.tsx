import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { type Navigation, VARIABLE_TYPES, type Variable, freshId, isVariableName, nodeById } from "../../core/flow";
import { nodeTitle } from "../../core/nodeTypes";
import { renameVariable, typedValue, valueText, variableUses } from "../../core/variables";
import { tell } from "../toasts";
import { useTexts } from "../texts";
import { useActionContext, useEditorState } from "./context";
import { LanguageTexts } from "./properties/PromptWidget";
import { newVariable } from "./properties/flowWidgets";

const NAVIGATION: Navigation = { enabled: true, repeat: "*", back: "#", start: "9", person: "0", home: null, person_node: null };
const NAVIGATION_KEYS = ["repeat", "back", "start", "person"] as const;

/** What belongs to the flow as a whole: name, languages, keys that work everywhere, variables. */
export function FlowSettings() {
  const { t } = useTexts();
  const { editor } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const navigation = { ...NAVIGATION, ...flow.navigation };
  const [wish, setWish] = useState("");
  const set = (settings: Parameters<typeof editor.edit>[0] & { kind: "flow.settings" }, merge: string): void => editor.edit(settings, "step.settings", merge);
  const language = wish.trim();
  return (
    <div className="properties">
      <div className="form">
        <div className="field">
          <label className="label" htmlFor="flow-name">
            {t("flows.name")}
          </label>
          <LanguageTexts id="flow-name" label={t("flows.name")} rows={1} text={flow.name} onChange={(name) => set({ kind: "flow.settings", settings: { name } }, "flow name")} />
        </div>
        <label className="field">
          <span className="label">{t("flow.class")}</span>
          <input className="input" value={flow.class ?? ""} onChange={(event) => set({ kind: "flow.settings", settings: { class: event.target.value } }, "flow class")} />
          <span className="small muted">{t("flow.classHelp")}</span>
        </label>
        <div className="field">
          <label className="label" htmlFor="flow-language">
            {t("flows.callerLanguages")}
          </label>
          <ul className="tags">
            {flow.languages.map((item) => (
              <li key={item} className="chip">
                {item}
                <button type="button" aria-label={t("flow.removeLanguage", { language: item })} disabled={flow.languages.length === 1} onClick={() => set({ kind: "flow.settings", settings: { languages: flow.languages.filter((other) => other !== item) } }, "")}>
                  ×
                </button>
              </li>
            ))}
          </ul>
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              if (/^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/.test(language) && !flow.languages.includes(language)) set({ kind: "flow.settings", settings: { languages: [...flow.languages, language] } }, "");
              setWish("");
            }}
          >
            <input id="flow-language" className="input mono" list="known-languages" placeholder="zh-CN" value={wish} onChange={(event) => setWish(event.target.value)} />
            <datalist id="known-languages">
              {["zh-CN", "en-US", "zh-HK", "en-GB", "fr-FR", "de-DE", "es-ES", "ja-JP", "ko-KR", "ru-RU"].map((item) => (
                <option key={item} value={item} />
              ))}
            </datalist>
            <button type="submit" className="icon-button" aria-label={t("flow.addLanguage")} title={t("flow.addLanguage")}>
              <Plus size={15} aria-hidden />
            </button>
          </form>
        </div>
      </div>
      <section className="form-section">
        <h3>{t("navigation.title")}</h3>
        <div className="form">
          <label className="switch">
            <input type="checkbox" role="switch" checked={navigation.enabled} onChange={(event) => set({ kind: "flow.settings", settings: { navigation: { ...navigation, enabled: event.target.checked } } }, "")} />
            {t("navigation.enabled")}
          </label>
          {navigation.enabled && (
            <div className="key-grid">
              {NAVIGATION_KEYS.map((name) => (
                <label key={name} className="row">
                  <input className="input mono key-input" maxLength={3} value={navigation[name]} aria-label={t(`navigation.${name}`)} onChange={(event) => /^[0-9*#]{0,3}$/.test(event.target.value) && set({ kind: "flow.settings", settings: { navigation: { ...navigation, [name]: event.target.value } } }, `navigation ${name}`)} />
                  <span>{t(`navigation.${name}`)}</span>
                </label>
              ))}
            </div>
          )}
          {navigation.enabled && (
            <label className="field">
              <span className="label">{t("navigation.home")}</span>
              <NodeSelect empty={t("navigation.homeStart")} value={navigation.home} onChange={(home) => set({ kind: "flow.settings", settings: { navigation: { ...navigation, home } } }, "")} />
            </label>
          )}
          {navigation.enabled && (
            <label className="field">
              <span className="label">{t("navigation.personNode")}</span>
              <NodeSelect empty={t("form.notSet")} value={navigation.person_node} onChange={(person_node) => set({ kind: "flow.settings", settings: { navigation: { ...navigation, person_node } } }, "")} />
            </label>
          )}
        </div>
      </section>
      <Variables />
      <section className="form-section">
        <label className="switch">
          <input type="checkbox" role="switch" checked={flow.voicexml_defaults === true} onChange={(event) => set({ kind: "flow.settings", settings: { voicexml_defaults: event.target.checked } }, "")} />
          {t("flow.voicexmlDefaults")}
        </label>
        <span className="small muted">{t("flow.voicexmlDefaultsHelp")}</span>
      </section>
    </div>
  );
}

function NodeSelect({ value, empty, onChange }: { value: string | null; empty: string; onChange(value: string | null): void }) {
  const { language } = useTexts();
  const nodes = useEditorState((state) => state.history.flow.nodes);
  const types = useEditorState((state) => state.types);
  return (
    <select className="input" value={value ?? ""} onChange={(event) => onChange(event.target.value || null)}>
      <option value="">{empty}</option>
      {nodes.map((node) => (
        <option key={node.id} value={node.id}>
          {nodeTitle(node, types.get(node.type), language)}
        </option>
      ))}
    </select>
  );
}

const MARKS = ["report", "masked", "data", "input", "output"] as const;

function Variables() {
  const { t, language } = useTexts();
  const { editor, host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const [open, setOpen] = useState<number | null>(null);
  const write = (variables: readonly Variable[], merge?: string): void => editor.edit({ kind: "flow.settings", settings: { variables } }, "step.variables", merge);
  const change = (index: number, part: Partial<Variable>): void => {
    const old = flow.variables[index];
    if (old) write(flow.variables.with(index, { ...old, ...part }), `variable ${index} ${Object.keys(part).join()}`);
  };
  const rename = (index: number, name: string): void => {
    const { edit, count } = renameVariable(flow, types, index, name);
    editor.edit(edit, "step.renameVariable");
    if (count > 0) tell("info", t("variables.renamed", { name, count }));
  };
  return (
    <section className="form-section">
      <h3>{t("variables.title")}</h3>
      <ul className="variables">
        {flow.variables.map((variable, index) => {
          const uses = open === index ? variableUses(flow, types, variable.name) : [];
          const clash = flow.variables.some((other, at) => at !== index && other.name === variable.name);
          return (
            <li key={index}>
              <div className="row tight">
                <VariableName name={variable.name} clash={clash} onRename={(name) => rename(index, name)} />
                <select className="input variable-type" aria-label={t("variables.type")} value={variable.type} onChange={(event) => change(index, { type: event.target.value as Variable["type"] })}>
                  {VARIABLE_TYPES.map((type) => (
                    <option key={type} value={type}>
                      {t(`variables.type.${type}`)}
                    </option>
                  ))}
                </select>
                <button type="button" className="icon-button" aria-expanded={open === index} onClick={() => setOpen(open === index ? null : index)}>
                  {t("variables.details")}
                </button>
                <button type="button" className="icon-button" aria-label={t("variables.remove", { name: variable.name })} onClick={() => write(flow.variables.toSpliced(index, 1))}>
                  <Trash2 size={14} aria-hidden />
                </button>
              </div>
              {open === index && (
                <div className="stack indented">
                  <InitialValue variable={variable} onChange={(initial) => change(index, { initial })} />
                  {MARKS.map((mark) => (
                    <label key={mark} className="switch">
                      <input type="checkbox" role="switch" checked={variable[mark] === true} onChange={(event) => change(index, { [mark]: event.target.checked })} />
                      {t(`variables.${mark}`)}
                    </label>
                  ))}
                  <div className="small">
                    <span className="label">{t("variables.uses")}</span>{" "}
                    {uses.length === 0 && <span className="muted">{t("variables.unused")}</span>}
                    {uses.map((use) => {
                      const node = nodeById(flow, use.node);
                      return (
                        <button key={`${use.node} ${use.field}`} type="button" className="link use" onClick={() => { editor.select({ nodes: [use.node] }); host.showPanel("properties"); host.fit([use.node]); }}>
                          {node ? nodeTitle(node, types.get(node.type), language) : use.node}
                        </button>
                      );
                    })}
                  </div>
                </div>
              )}
            </li>
          );
        })}
      </ul>
      <button type="button" className="link" onClick={() => write([...flow.variables, newVariable(freshId("variable", new Set(flow.variables.map((variable) => variable.name))))])}>
        <Plus size={13} aria-hidden /> {t("variables.new")}
      </button>
    </section>
  );
}

/** A name is taken over when the field is left, everywhere at once; what cannot be a name is not taken. */
function VariableName({ name, clash, onRename }: { name: string; clash: boolean; onRename(name: string): void }) {
  const { t } = useTexts();
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? name;
  return (
    <input
      className="input mono"
      aria-label={t("variables.name")}
      aria-invalid={(clash && draft === null) || !isVariableName(shown)}
      value={shown}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => {
        if (draft !== null && draft !== name && isVariableName(draft)) onRename(draft);
        setDraft(null);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

function InitialValue({ variable, onChange }: { variable: Variable; onChange(value: unknown): void }) {
  const { t } = useTexts();
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? valueText(variable.initial);
  const wrong = typedValue(variable.type, shown) === undefined;
  return (
    <label className="field">
      <span className="label">{t("variables.initial")}</span>
      {variable.type === "boolean" ? (
        <select className="input" value={shown} onChange={(event) => onChange(typedValue("boolean", event.target.value))}>
          <option value="">{t("form.notSet")}</option>
          <option value="true">{t("variables.yes")}</option>
          <option value="false">{t("variables.no")}</option>
        </select>
      ) : (
        <input
          className="input mono"
          aria-invalid={wrong}
          inputMode={variable.type === "number" ? "decimal" : "text"}
          placeholder={variable.type === "object" ? '{"id": 1}' : ""}
          value={shown}
          onChange={(event) => {
            setDraft(event.target.value);
            const value = typedValue(variable.type, event.target.value);
            if (value !== undefined) onChange(value);
          }}
          onBlur={() => setDraft(null)}
        />
      )}
      {wrong && draft !== null && <span className="small bad-text">{t("variables.badInitial")}</span>}
      {variable.type === "object" && !wrong && <span className="small muted">{t("variables.initialObject")}</span>}
    </label>
  );
}
