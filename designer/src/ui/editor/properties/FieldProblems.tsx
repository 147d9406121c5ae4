/** What is wrong with a field, said beside it, with what mends it. */
import type { Problem } from "../../../core/problems";
import { useTexts } from "../../texts";
import { Fixes } from "../Fixes";

export function FieldProblems({ id, problems }: { id?: string; problems: readonly Problem[] }) {
  const { pick } = useTexts();
  if (problems.length === 0) return null;
  return (
    <div id={id} className="field-problems">
      {problems.map((problem, index) => (
        <div key={`${problem.code} ${index}`} className={problem.severity === "error" ? "small bad-text" : "small warn-text"}>
          {pick(problem.message)} <Fixes problem={problem} />
        </div>
      ))}
    </div>
  );
}
