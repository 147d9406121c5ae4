import { Crosshair, Pencil } from "lucide-react";
import { nodeById } from "../../../core/flow";
import type { Result } from "../../../core/conversationTests";
import { nodeTitle } from "../../../core/nodeTypes";
import { useTexts } from "../../texts";
import { useActionContext } from "../context";

/** Why a test failed: at which step, what it expected, what was heard, and where the caller then stood. */
export function FailureView({ result, onEdit, modal }: { result: Result; onEdit?: () => void; /** In a dialogue, which stands before the canvas. */ modal?: boolean }) {
  const texts = useTexts();
  const { t } = texts;
  const { editor, host } = useActionContext();
  const { failure, unanswered } = result;
  if (!failure) return null;
  const node = nodeById(editor.flow, failure.node);
  const title = node ? nodeTitle(node, editor.state.types.get(node.type), texts.language) : failure.node;
  const message = texts.pick(failure.message);
  // A prompt that was not heard: what was heard instead stands below, each prompt on a line.
  const last = failure.heard.at(-1);
  const repeated = last !== undefined && message.endsWith(last);
  const go = (): void => {
    if (!node) return;
    editor.select({ nodes: [node.id] });
    host.fit([node.id]);
  };
  return (
    <div className="test-failure small">
      <p>
        <strong>{failure.step > 0 ? t("tests.atStep", { step: failure.step, line: failure.line }) : failure.line > 0 ? t("tests.atLine", { line: failure.line }) : t("tests.asAWhole")}</strong>
      </p>
      <dl>
        {failure.expected && (
          <>
            <dt>{t("tests.expected")}</dt>
            <dd className="mono">{failure.expected}</dd>
          </>
        )}
        {!repeated && (
          <>
            <dt>{t("tests.found")}</dt>
            <dd>{message}</dd>
          </>
        )}
        {failure.heard.length > 0 && (
          <>
            <dt>{t("tests.heard")}</dt>
            <dd>
              <ul>
                {failure.heard.map((text, index) => (
                  <li key={index}>“{text}”</li>
                ))}
              </ul>
            </dd>
          </>
        )}
        {unanswered.length > 0 && (
          <>
            <dt>{t("tests.unanswered")}</dt>
            <dd className="mono">{unanswered.join(" ")}</dd>
          </>
        )}
      </dl>
      <p className="row wrap">
        {failure.node && modal && `${t("tests.atNode")} ${title}`}
        {failure.node && !modal && (
          <button type="button" className="link" disabled={!node} onClick={go}>
            <Crosshair size={13} aria-hidden /> {t("tests.goTo", { node: title })}
          </button>
        )}
        {onEdit && (
          <button type="button" className="link" onClick={onEdit}>
            <Pencil size={12} aria-hidden /> {failure.line > 0 ? t("tests.editLine", { line: failure.line }) : t("tests.edit")}
          </button>
        )}
      </p>
    </div>
  );
}
