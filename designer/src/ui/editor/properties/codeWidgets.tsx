/** Widgets for code: expressions, SQL, VoiceXML. */
import { useCallback, useMemo } from "react";
import { completeExpression } from "../../../core/expressions";
import { fixesOf } from "../../../core/fixes";
import type { Problem } from "../../../core/problems";
import { CodeEditor, type CodeProblem } from "../../parts/CodeEditor";
import { useTexts } from "../../texts";
import { fixTitle } from "../Fixes";
import { useActionContext, useEditorState } from "../context";
import { type WidgetProps, asText } from "./form";

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** The problems of a field at their places in its text. */
function useCodeProblems(problems: readonly Problem[]): readonly CodeProblem[] {
  const texts = useTexts();
  const { editor } = useActionContext();
  return useMemo(
    () =>
      problems
        .filter((problem) => problem.detail?.["column"] !== undefined || problem.detail?.["line"] !== undefined)
        .map((problem): CodeProblem => {
          const column = number(problem.detail?.["column"]);
          const length = number(problem.detail?.["length"]);
          return {
            line: number(problem.detail?.["line"]) ?? 1,
            ...(column === undefined ? {} : { column }),
            ...(length === undefined || length === 0 ? {} : { length }),
            severity: problem.severity,
            message: texts.pick(problem.message),
            fixes: fixesOf(problem, editor.flow, editor.state.types).map((fix) => ({ title: fixTitle(fix, texts, { flow: editor.flow, types: editor.state.types }), run: () => editor.edit(fix.edit, "step.fix") })),
          };
        }),
    [problems, texts, editor],
  );
}

/** An expression over the flow's variables. */
export function ExpressionWidget({ id, label, value, invalid, problems, describedBy, onChange }: WidgetProps) {
  const { t, named } = useTexts();
  const variables = useEditorState((state) => state.history.flow.variables);
  const shown = useCodeProblems(problems);
  const complete = useCallback((text: string, position: number, asked: boolean) => completeExpression(text, position, asked, variables, named), [variables, named]);
  return (
    <CodeEditor id={id} language="expression" label={label} placeholder={t("form.expression")} value={asText(value)} invalid={invalid} describedBy={describedBy} problems={shown} complete={complete} onChange={onChange} />
  );
}

export function SqlWidget({ id, label, value, invalid, problems, describedBy, onChange }: WidgetProps) {
  const shown = useCodeProblems(problems);
  return <CodeEditor id={id} language="sql" label={label} value={asText(value)} invalid={invalid} describedBy={describedBy} problems={shown} onChange={onChange} />;
}

export function VxmlWidget({ id, label, value, invalid, problems, describedBy, onChange }: WidgetProps) {
  const shown = useCodeProblems(problems);
  return <CodeEditor id={id} language="xml" label={label} value={asText(value)} invalid={invalid} describedBy={describedBy} problems={shown} onChange={onChange} />;
}
