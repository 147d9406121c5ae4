import { MousePointerClick } from "lucide-react";
import { useEffect, useState } from "react";
import { openFlow } from "../../../api/flows";
import { pathBehind } from "../../../core/fieldPaths";
import { edgeKey, isNodeId, nodeById } from "../../../core/flow";
import { propertiesOf } from "../../../core/jsonSchema";
import { calledFlow, drawnPorts, nodeTitle } from "../../../core/nodeTypes";
import { problemsByNode } from "../../../core/problems";
import { offeredRows } from "../../../core/subFlow";
import { Empty } from "../../parts/States";
import { useResource } from "../../resource";
import { useTexts } from "../../texts";
import { useActionContext, useEditorState } from "../context";
import { NodeIcon, categoryStyle } from "../nodeIcons";
import { ProblemItem } from "../ProblemList";
import { portText } from "../portSigns";
import { Compiled } from "./Compiled";
import { Exits } from "./Exits";
import { Field } from "./Field";
import { SelectionTools } from "./SelectionTools";

/** The panel of what is selected. */
export function Properties() {
  const { t } = useTexts();
  const selection = useEditorState((state) => state.selection);
  const [node, ...others] = selection.nodes;
  const [edge] = selection.edges;
  if (others.length > 0 || (selection.notes.length > 0 && node)) return <SelectionTools />;
  if (node) return <NodeProperties key={node} id={node} />;
  if (edge) return <EdgeProperties edge={edge} />;
  return <Empty icon={<MousePointerClick size={24} aria-hidden />}>{t("properties.empty")}</Empty>;
}

function NodeProperties({ id }: { id: string }) {
  const texts = useTexts();
  const { t } = texts;
  const { editor } = useActionContext();
  const node = useEditorState((state) => nodeById(state.history.flow, id));
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const type = types.get(node?.type ?? "");
  const problems = useEditorState((state) => state.problems);
  const called = calledFlow(flow, types, id);
  const face = useResource(`face of ${called ?? ""}`, async () => (called === undefined ? [] : (await openFlow(called)).flow.variables));
  if (!node) return null;
  const own = problemsByNode(problems).get(id) ?? [];
  const properties = type ? propertiesOf(type.schema, type.schema) : [];
  const required = new Set(type?.schema.required ?? []);
  const first = properties.filter(([name]) => required.has(name));
  const optional = properties.filter(([name]) => !required.has(name));
  const rest = optional.filter(([, schema]) => !schema["x-advanced"]);
  const advanced = optional.filter(([, schema]) => schema["x-advanced"]);
  const wrongAdvanced = advanced.some(([name]) => own.some((problem) => pathBehind(problem.field, name) !== undefined));
  const fieldNames = new Set(properties.map(([name]) => name));
  const ports = new Set(drawnPorts(flow, types, node).map((port) => port.id));
  const others = own.filter((problem) => problem.port === null || !ports.has(problem.port)).filter((problem) => !fieldNames.has(problem.field?.split(".")[0] ?? ""));
  const view = ([name, schema]: (typeof properties)[number]) => (
    <Field
      key={name}
      id={`field-${name}`}
      name={name}
      path={name}
      schema={schema}
      root={type?.schema ?? {}}
      value={node.fields[name]}
      optional={!required.has(name)}
      problems={own}
      ports={type?.ports_from?.field === name ? type.ports_from : undefined}
      offers={offeredRows(name, node.fields[name], face.data ?? [], flow.variables)}
      onChange={(value) => editor.setField(id, name, value)}
    />
  );
  return (
    <div className="properties">
      <div className="properties-head" style={categoryStyle(type?.category)}>
        <span className="card-icon">
          <NodeIcon type={type} size={17} />
        </span>
        <div className="grow">
          <input
            className="title-input"
            aria-label={t("properties.title")}
            placeholder={texts.pick(type?.title) || node.type}
            value={node.title}
            onChange={(event) => editor.edit({ kind: "node.title", id, title: event.target.value }, "step.title", `title ${id}`)}
          />
          <div className="muted small">
            {texts.pick(type?.title) || t("properties.unknownType", { type: node.type })} · <IdField id={id} />
          </div>
        </div>
      </div>
      {type && texts.pick(type.summary) && <p className="muted small pad-x">{texts.pick(type.summary)}</p>}
      {others.length > 0 && (
        <div className="stack tight pad-x">
          {others.map((problem, index) => (
            <ProblemItem key={index} problem={problem} here />
          ))}
        </div>
      )}
      {first.length > 0 && <div className="form">{first.map(view)}</div>}
      <Exits node={node} problems={own.filter((problem) => problem.port !== null)} />
      {rest.length > 0 && (
        <section className="form-section">
          <h3>{t("properties.settings")}</h3>
          <div className="form">{rest.map(view)}</div>
        </section>
      )}
      {advanced.length > 0 && (
        <details className="form-section" open={wrongAdvanced || undefined}>
          <summary>
            <h3>{t("properties.advanced")}</h3>
          </summary>
          <div className="form">{advanced.map(view)}</div>
        </details>
      )}
      <Compiled node={id} />
    </div>
  );
}

/** The id names the node in documents and reports; it is changed when a valid one is left. */
function IdField({ id }: { id: string }) {
  const { t } = useTexts();
  const { editor } = useActionContext();
  const [draft, setDraft] = useState(id);
  useEffect(() => setDraft(id), [id]);
  const free = draft === id || !nodeById(editor.flow, draft);
  const leave = (): void => {
    if (isNodeId(draft) && free && draft !== id) editor.rename(id, draft);
    else setDraft(id);
  };
  return (
    <input
      className="id-input mono"
      aria-label={t("properties.id")}
      title={t("properties.idHelp")}
      aria-invalid={!isNodeId(draft) || !free}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

function EdgeProperties({ edge: key }: { edge: string }) {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const edge = flow.edges.find((item) => edgeKey(item) === key);
  const from = edge && nodeById(flow, edge.from);
  const to = edge && nodeById(flow, edge.to);
  if (!edge || !from || !to) return null;
  const port = types.get(from.type)?.ports.find((item) => item.id === edge.port);
  const go = (id: string) => () => {
    editor.select({ nodes: [id] });
    host.fit([id]);
  };
  return (
    <div className="stack pad">
      <h2>{t("properties.edge")}</h2>
      <p>
        <button type="button" className="link" onClick={go(from.id)}>
          {nodeTitle(from, types.get(from.type), texts.language)}
        </button>{" "}
        <span className="muted">{port ? portText(port, texts) : edge.port} →</span>{" "}
        <button type="button" className="link" onClick={go(to.id)}>
          {nodeTitle(to, types.get(to.type), texts.language)}
        </button>
      </p>
      <button type="button" className="button danger" onClick={() => editor.disconnect(key)}>
        {t("properties.removeEdge")}
      </button>
    </div>
  );
}
