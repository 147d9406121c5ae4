import { CheckCircle2, CircleAlert, TriangleAlert } from "lucide-react";
import { nodeById } from "../../core/flow";
import { nodeTitle } from "../../core/nodeTypes";
import { type Problem, sortProblems } from "../../core/problems";
import { Empty } from "../parts/States";
import { useTexts } from "../texts";
import { Fixes } from "./Fixes";
import { useActionContext, useEditorState } from "./context";

export function ProblemList() {
  const texts = useTexts();
  const { t } = texts;
  const problems = useEditorState((state) => state.problems);
  const flow = useEditorState((state) => state.history.flow);
  const sorted = sortProblems(problems, flow);
  if (sorted.length === 0) return <Empty icon={<CheckCircle2 size={24} className="good-text" aria-hidden />}>{t("problems.none")}</Empty>;
  const groups = [
    ["error", t("problems.errorsTitle"), t("problems.errorsHelp")],
    ["warning", t("problems.warningsTitle"), t("problems.warningsHelp")],
  ] as const;
  return (
    <div className="stack pad">
      {groups.map(([severity, title, help]) => {
        const members = sorted.filter((problem) => problem.severity === severity);
        if (members.length === 0) return null;
        return (
          <section key={severity} className="stack" aria-label={title}>
            <div>
              <h2>
                {title} <span className={severity === "error" ? "chip bad" : "chip warn"}>{members.length}</span>
              </h2>
              <p className="muted small">{help}</p>
            </div>
            <ul className="stack">
              {members.map((problem, index) => (
                <li key={`${problem.code} ${problem.node} ${problem.port} ${problem.field} ${index}`}>
                  <ProblemItem problem={problem} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

export function ProblemItem({ problem, here }: { problem: Problem; here?: boolean }) {
  const texts = useTexts();
  const { editor, host } = useActionContext();
  const node = problem.node === null ? undefined : nodeById(editor.flow, problem.node);
  const Icon = problem.severity === "error" ? CircleAlert : TriangleAlert;
  const go = (): void => {
    if (!node) {
      host.showPanel("flow");
      return;
    }
    editor.select({ nodes: [node.id] });
    host.showPanel("properties");
    host.fit([node.id]);
    const [field] = problem.field?.split(".") ?? [];
    if (field) setTimeout(() => document.getElementById(`field-${field}`)?.scrollIntoView({ block: "center" }), 60);
  };
  return (
    <div className={`problem ${problem.severity}`}>
      <button type="button" className="problem-go" onClick={go}>
      <Icon size={15} aria-label={texts.t(`problems.${problem.severity}`)} />
      <span className="stack tight">
        {node && !here && <span className="small muted">{nodeTitle(node, editor.state.types.get(node.type), texts.language)}</span>}
        <span>{texts.pick(problem.message)}</span>
        {problem.fix && texts.pick(problem.fix) && <span className="small muted">{texts.pick(problem.fix)}</span>}
      </span>
      </button>
      <Fixes problem={problem} />
    </div>
  );
}
