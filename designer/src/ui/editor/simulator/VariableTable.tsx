/** The variables of a step; those of the last one can be changed while the call stands still. */
import { Pencil } from "lucide-react";
import { type FormEvent, useMemo, useState } from "react";
import { type SeenVariable, variablesAt } from "../../../core/simulation";
import { useTexts } from "../../texts";
import { useDebugging, useDebuggingState } from "./debugging";
import { valueText } from "./stepTexts";

/** Variables that the compiler or VoiceXML itself makes. */
const isOwn = ({ scope, name }: SeenVariable): boolean => scope !== "session" && !name.startsWith("vx_") && !name.endsWith("$");

export function VariableTable({ step }: { step: number }) {
  const texts = useTexts();
  const { t, named } = texts;
  const simulation = useDebuggingState((state) => state.simulation);
  const voice = useDebuggingState((state) => state.pace === "voice");
  const [all, setAll] = useState(false);
  const [onlyChanged, setOnlyChanged] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const variables = useMemo(() => variablesAt(simulation, step), [simulation, step]);
  const last = simulation.steps.at(-1)?.n === step;
  const canSet = last && simulation.state === "running" && (simulation.paused !== null || (simulation.awaiting !== null && !voice));
  const shown = variables.filter((one) => (all || isOwn(one)) && (!onlyChanged || one.changedHere));
  return (
    <>
      <div className="row wrap">
        <h3 className="grow">{t("simulator.variables")}</h3>
        <label className="row tight small">
          <input type="checkbox" checked={onlyChanged} onChange={(event) => setOnlyChanged(event.target.checked)} /> {t("simulator.variables.onlyChanged")}
        </label>
        <label className="row tight small">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> {t("simulator.variables.all")}
        </label>
      </div>
      {shown.length === 0 ? (
        <p className="small muted">{t("simulator.variables.none")}</p>
      ) : (
        <table className="seen-variables">
          <thead className="sr-only">
            <tr>
              <th scope="col">{t("simulator.variables.name")}</th>
              <th scope="col">{t("simulator.variables.value")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => {
              const place = `${one.scope}.${one.name}`;
              return (
                <tr key={place} className={one.changedHere ? "changed" : ""}>
                  <th scope="row" title={named(`simulator.scope.${one.scope}`).replace("simulator.scope.", "")}>
                    <span className="mono">{one.name}</span>
                    {one.changedHere && <span className="sr-only"> ({t("simulator.variables.changed")})</span>}
                  </th>
                  <td>
                    {editing === place && canSet ? (
                      <Setting variable={one} onDone={() => setEditing(null)} />
                    ) : (
                      <span className="row tight">
                        <span className="mono grow value" title={one.changedHere && one.before !== undefined ? t("simulator.variables.before", { value: JSON.stringify(one.before) }) : undefined}>
                          {valueText(one.kind, one.value, texts)}
                        </span>
                        {canSet && one.scope !== "session" && (
                          <button type="button" className="icon-button" aria-label={t("simulator.variables.set", { name: one.name })} title={t("simulator.variables.set", { name: one.name })} onClick={() => setEditing(place)}>
                            <Pencil size={12} aria-hidden />
                          </button>
                        )}
                      </span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {last && simulation.state === "running" && !canSet && <p className="small muted">{t("simulator.variables.pauseFirst")}</p>}
    </>
  );
}

function Setting({ variable, onDone }: { variable: SeenVariable; onDone(): void }) {
  const { t } = useTexts();
  const debugging = useDebugging();
  const [text, setText] = useState(variable.kind === "undefined" ? "" : JSON.stringify(variable.value));
  const set = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim()) debugging.assign(`${variable.scope}.${variable.name}`, text.trim());
    onDone();
  };
  return (
    <form className="row tight" onSubmit={set}>
      {/* The author has just asked to type here. */}
      {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
      <input className="input mono small" autoFocus aria-label={t("simulator.variables.set", { name: variable.name })} title={t("simulator.variables.setHelp")} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === "Escape" && onDone()} />
      <button type="submit" className="button small">
        {t("simulator.variables.apply")}
      </button>
    </form>
  );
}
