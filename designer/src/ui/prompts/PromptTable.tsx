/** The recordings of the library: heard, seen, and where they are used. */
import { Scissors, Trash2 } from "lucide-react";
import { promptAudio } from "../../api/prompts";
import { type Prompt, type PromptUse, promptKey } from "../../core/prompts";
import { durationText } from "../../core/wav";
import { Table } from "../parts/Table";
import { Link } from "../router";
import { useTexts } from "../texts";
import { PlayButton, Waveform } from "./Waveform";

const SHOWN_USES = 3;

export function UseLink({ use }: { use: PromptUse }) {
  const { pick } = useTexts();
  return (
    <Link to={`/flows/${encodeURIComponent(use.flow)}?node=${encodeURIComponent(use.node)}`}>
      {pick(use.flowName) || use.flow} › {use.nodeTitle}
    </Link>
  );
}

interface Props {
  readonly prompts: readonly Prompt[];
  readonly uses: ReadonlyMap<string, readonly PromptUse[]>;
  onEdit(prompt: Prompt): void;
  onDelete(prompt: Prompt): void;
}

export function PromptTable({ prompts, uses, onEdit, onDelete }: Props) {
  const { t, time } = useTexts();
  return (
    <Table
      columns={[{ title: t("library.name") }, { title: t("library.language") }, { title: t("library.sound") }, { title: t("library.duration"), right: true }, { title: t("library.usedIn") }, { title: t("library.changed") }]}
    >
      {prompts.map((prompt) => {
        const used = uses.get(prompt.name) ?? [];
        const sound = `${promptKey(prompt)} ${prompt.changed}`;
        return (
          <tr key={promptKey(prompt)}>
            <td className="prompt-name">{prompt.name}</td>
            <td>
              <span className="chip">{prompt.language}</span>
            </td>
            <td>
              <div className="row tight">
                <PlayButton sound={sound} name={`${prompt.name} (${prompt.language})`} load={() => promptAudio(prompt)} />
                <Waveform key={sound} sound={sound} load={() => promptAudio(prompt)} />
              </div>
            </td>
            <td className="right">{durationText(prompt.duration)}</td>
            <td>
              {used.length === 0 && <span className="muted">{t("library.unused")}</span>}
              <ul className="uses">
                {used.slice(0, SHOWN_USES).map((use) => (
                  <li key={`${use.flow} ${use.node}`}>
                    <UseLink use={use} />
                  </li>
                ))}
                {used.length > SHOWN_USES && (
                  <li>
                    <details>
                      <summary>+{used.length - SHOWN_USES}</summary>
                      {used.slice(SHOWN_USES).map((use) => (
                        <div key={`${use.flow} ${use.node}`}>
                          <UseLink use={use} />
                        </div>
                      ))}
                    </details>
                  </li>
                )}
              </ul>
            </td>
            <td>
              {time(prompt.changed)}
              <div className="muted small">{prompt.changed_by}</div>
            </td>
            <td className="right nowrap">
              <button
                type="button"
                className="icon-button"
                aria-label={t("studio.edit", { name: prompt.name, language: prompt.language })}
                title={t("studio.editTake")}
                onClick={() => onEdit(prompt)}
              >
                <Scissors size={15} aria-hidden />
              </button>
              <button type="button" className="icon-button" aria-label={t("library.delete", { name: prompt.name, language: prompt.language })} onClick={() => onDelete(prompt)}>
                <Trash2 size={15} aria-hidden />
              </button>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
