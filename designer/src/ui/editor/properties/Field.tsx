/** One field of a form: its title, its widget, its help, and what is wrong with it, with what mends it. */
import { pathBehind } from "../../../core/fieldPaths";
import { type JsonSchema, type Widget, fieldHelp, fieldTitle, widgetOf } from "../../../core/jsonSchema";
import type { PortsFrom } from "../../../core/nodeTypes";
import type { Problem } from "../../../core/problems";
import type { Offer } from "../../../core/subFlow";
import { useTexts } from "../../texts";
import { FieldProblems } from "./FieldProblems";
import { ExpressionWidget, SqlWidget, VxmlWidget } from "./codeWidgets";
import { FlowWidget, LanguageWidget, NodeWidget, QueueWidget, TimezoneWidget, VariableWidget } from "./flowWidgets";
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
  sql: () => SqlWidget,
  vxml: () => VxmlWidget,
  language: () => LanguageWidget,
  timezone: () => TimezoneWidget,
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

/** Widgets that show what is wrong with their parts beside each part. */
const SHOWS_PARTS: ReadonlySet<Widget> = new Set(["prompt", "rows", "object"]);

interface Props {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly value: unknown;
  readonly optional: boolean;
  /** Of rows, the first alone shows its help: the others are alike. */
  readonly inRow?: "first" | "later";
  /** What it is for is plain from its place. */
  readonly quiet?: boolean;
  readonly problems?: readonly Problem[];
  readonly ports?: PortsFrom | undefined;
  /** Rows that are likely wanted. */
  readonly offers?: readonly Offer[];
  onChange(value: unknown): void;
}

/** Times and days take little room: two of them stand side by side. */
const isShort = (schema: JsonSchema): boolean => /\[0-5\]\\d|\\d\{4\}-/.test(schema.pattern ?? "");

export function Field({ id, name, path, schema, root, value, optional, inRow, quiet, problems = [], ports, offers, onChange }: Props) {
  const { language } = useTexts();
  const widget = widgetOf(schema, root);
  const label = fieldTitle(name, schema, language);
  const View = VIEWS[widget]();
  const help = schema["x-help"] ? fieldHelp(schema, language) : "";
  const shown = value === undefined ? schema.default : value;
  const extra = widget === "rows" ? { ports, offers } : {};
  const mine = problems.filter((problem) => pathBehind(problem.field, path) !== undefined);
  const here = SHOWS_PARTS.has(widget) ? mine.filter((problem) => problem.field === path) : mine;
  const told = `${id}-told`;
  return (
    <div className={`field field-${widget}${quiet ? " field-quiet" : ""}${isShort(schema) ? " field-narrow" : ""}`}>
      {widget !== "switch" && (
        // A field for code is no form control: a click on its label has to be led there.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <label className="label" htmlFor={id} onClick={() => document.getElementById(id)?.focus()}>
          {label}
        </label>
      )}
      <View
        id={id}
        label={label}
        path={path}
        schema={schema}
        root={root}
        value={shown}
        optional={optional}
        invalid={here.some((problem) => problem.severity === "error")}
        problems={mine}
        describedBy={here.length > 0 ? told : undefined}
        onChange={onChange}
        {...extra}
      />
      {help && inRow !== "later" && <span className="small muted">{help}</span>}
      <FieldProblems id={told} problems={here} />
    </div>
  );
}
