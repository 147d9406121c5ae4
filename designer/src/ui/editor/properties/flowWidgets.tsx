/** Widgets that choose something of the flow or of the platform. */
import { Check, Plus, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { get } from "../../../api/client";
import { listFlows } from "../../../api/flows";
import { type Variable, isVariableName } from "../../../core/flow";
import { nodeTitle } from "../../../core/nodeTypes";
import { useResource } from "../../resource";
import { Link } from "../../router";
import { useTexts } from "../../texts";
import { useEditor, useEditorState } from "../context";
import { type WidgetProps, asText } from "./form";

export const newVariable = (name: string): Variable => ({ name, type: "string", initial: null, report: false, masked: false });

export function VariableWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  const { t } = useTexts();
  const editor = useEditor();
  const variables = useEditorState((state) => state.history.flow.variables);
  const [naming, setNaming] = useState(false);
  const chosen = asText(value);
  const unknown = chosen !== "" && !variables.some((variable) => variable.name === chosen);
  const create = (wish: string): void => {
    const known = variables.some((variable) => variable.name === wish);
    if (!known) editor.edit({ kind: "flow.settings", settings: { variables: [...variables, newVariable(wish)] } }, "step.variables");
    onChange(wish);
  };
  if (naming) return <NewVariable id={id} onName={create} onClose={() => setNaming(false)} />;
  return (
    <span className="row tight">
      <select id={id} className="input mono" aria-label={label} aria-invalid={invalid || unknown} value={chosen} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("form.none")}</option>
        {unknown && <option value={chosen}>{t("form.unknown", { name: chosen })}</option>}
        {variables.map((variable) => (
          <option key={variable.name}>{variable.name}</option>
        ))}
      </select>
      <button type="button" className="icon-button" aria-label={t("variables.new")} title={t("variables.new")} onClick={() => (unknown && isVariableName(chosen) ? create(chosen) : setNaming(true))}>
        <Plus size={15} aria-hidden />
      </button>
    </span>
  );
}

/** The name of a new variable, written where the list was; Enter takes it, Escape does not. */
function NewVariable({ id, onName, onClose }: { id: string; onName(name: string): void; onClose(): void }) {
  const { t } = useTexts();
  const [name, setName] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const good = isVariableName(name);
  const take = (): void => {
    if (good) onName(name);
    if (good || name === "") onClose();
  };
  return (
    <span className="row tight">
      <input
        ref={input}
        id={id}
        className="input mono"
        aria-label={t("variables.newName")}
        placeholder={t("variables.newName")}
        aria-invalid={name !== "" && !good}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
          else if (event.key === "Escape") onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <button type="button" className="icon-button" aria-label={t("common.add")} title={t("common.add")} disabled={!good} onClick={take}>
        <Check size={15} aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label={t("common.cancel")} title={t("common.cancel")} onClick={onClose}>
        <X size={15} aria-hidden />
      </button>
    </span>
  );
}

export function NodeWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  const { t, language } = useTexts();
  const nodes = useEditorState((state) => state.history.flow.nodes);
  const types = useEditorState((state) => state.types);
  return (
    <select id={id} className="input" aria-label={label} aria-invalid={invalid} value={asText(value)} onChange={(event) => onChange(event.target.value)}>
      <option value="">{t("form.none")}</option>
      {nodes.map((node) => (
        <option key={node.id} value={node.id}>
          {nodeTitle(node, types.get(node.type), language)}
        </option>
      ))}
    </select>
  );
}

export function FlowWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  const { t, pick } = useTexts();
  const own = useEditorState((state) => state.history.flow.id);
  const flows = useResource("flows to call", listFlows);
  const chosen = asText(value);
  const others = (flows.data ?? []).filter((flow) => flow.id !== own);
  return (
    <span className="stack tight">
      <select id={id} className="input" aria-label={label} aria-invalid={invalid} value={chosen} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("form.notSet")}</option>
        {chosen && !others.some((flow) => flow.id === chosen) && <option value={chosen}>{chosen}</option>}
        {others.map((flow) => (
          <option key={flow.id} value={flow.id}>
            {pick(flow.name) || flow.id}
          </option>
        ))}
      </select>
      {chosen && (
        <Link to={`/flows/${encodeURIComponent(chosen)}`} className="small">
          {t("form.openFlow")}
        </Link>
      )}
    </span>
  );
}

interface Named {
  readonly id?: string;
  readonly name?: unknown;
}

/** A text with suggestions from the server; who may not see the list types the name. */
function Suggested({ props, path, list }: { props: WidgetProps; path: string; list: (answer: Named[]) => string[] }) {
  const { id, label, value, invalid, onChange } = props;
  const options = useId();
  const found = useResource(path, () => get<Named[]>(path).catch(() => []));
  return (
    <>
      <input id={id} className="input mono" list={options} aria-label={label} aria-invalid={invalid} value={asText(value)} onChange={(event) => onChange(event.target.value)} />
      <datalist id={options}>
        {[...new Set(list(Array.isArray(found.data) ? found.data : []))].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

export function QueueWidget(props: WidgetProps) {
  return <Suggested props={props} path="/api/queues" list={(queues) => queues.map((queue) => String(queue.id ?? queue.name ?? ""))} />;
}

/** One of the languages that the flow speaks. */
export function LanguageWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  const { t, language } = useTexts();
  const languages = useEditorState((state) => state.history.flow.languages);
  const chosen = asText(value);
  const names = new Intl.DisplayNames(language, { type: "language", fallback: "code" });
  return (
    <select id={id} className="input" aria-label={label} aria-invalid={invalid} value={chosen} onChange={(event) => onChange(event.target.value)}>
      {!languages.includes(chosen) && <option value={chosen}>{chosen ? t("form.unknown", { name: chosen }) : t("form.choose")}</option>}
      {languages.map((item) => (
        <option key={item} value={item}>
          {names.of(item)} ({item})
        </option>
      ))}
    </select>
  );
}

export function TimezoneWidget({ id, label, value, invalid, onChange }: WidgetProps) {
  const options = useId();
  return (
    <>
      <input id={id} className="input" list={options} aria-label={label} aria-invalid={invalid} value={asText(value)} onChange={(event) => onChange(event.target.value)} />
      <datalist id={options}>
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
