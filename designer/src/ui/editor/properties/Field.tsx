/** One field of a form: its title, its widget, its help, and what is wrong with it. */
import { type JsonSchema, type Widget, fieldHelp, fieldTitle, widgetOf } from "../../../core/jsonSchema";
import type { PortsFrom } from "../../../core/nodeTypes";
import type { Problem } from "../../../core/problems";
import { useTexts } from "../../texts";
import { ExpressionWidget, FlowWidget, NodeWidget, QueueWidget, VariableWidget } from "./flowWidgets";
import { type WidgetView } from "./form";
import { PromptWidget, TextsWidget } from "./PromptWidget";
import { ChoicesWidget, DurationWidget, MultilineWidget, NumberWidget, SelectionWidget, SwitchWidget, TextWidget } from "./simpleWidgets";
import { ListWidget, MapWidget, ObjectWidget, RowsWidget } from "./structureWidgets";

/** The registry of widgets; functions, as widgets of several values hold fields again. */
const VIEWS: Record<Widget, () => WidgetView> = {
  prompt: () => PromptWidget,
  expression: () => ExpressionWidget,
  variable: () => VariableWidget,
  flow: () => FlowWidget,
  queue: () => QueueWidget,
  keys: () => TextWidget,
  duration: () => DurationWidget,
  multiline: () => MultilineWidget,
  node: () => NodeWidget,
  texts: () => TextsWidget,
  selection: () => SelectionWidget,
  switch: () => SwitchWidget,
  choices: () => ChoicesWidget,
  rows: () => RowsWidget,
  number: () => NumberWidget,
  map: () => MapWidget,
  list: () => ListWidget,
  object: () => ObjectWidget,
  text: () => TextWidget,
};

interface Props {
  readonly id: string;
  readonly name: string;
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly optional: boolean;
  readonly inRow?: boolean;
  readonly problems?: readonly Problem[];
  readonly ports?: PortsFrom | undefined;
  onChange(value: unknown): void;
}

export function Field({ id, name, schema, root, value, optional, inRow, problems = [], ports, onChange }: Props) {
  const { language, pick } = useTexts();
  const widget = widgetOf(schema, root);
  const label = fieldTitle(name, schema, language);
  const View = VIEWS[widget]();
  const help = schema["x-help"] ? fieldHelp(schema, language) : "";
  const shown = value === undefined ? schema.default : value;
  const extra = widget === "rows" ? { ports } : {};
  return (
    <div className={`field field-${widget}`}>
      {widget !== "switch" && (
        <label className="label" htmlFor={id}>
          {label}
        </label>
      )}
      <View id={id} label={label} schema={schema} root={root} value={shown} optional={optional} invalid={problems.some((problem) => problem.severity === "error")} onChange={onChange} {...extra} />
      {help && !inRow && <span className="small muted">{help}</span>}
      {problems.map((problem, index) => (
        <span key={index} className={problem.severity === "error" ? "small bad-text" : "small warn-text"}>
          {pick(problem.message)}
        </span>
      ))}
    </div>
  );
}
