import { useEffect, useRef } from "react";
import type { CallStep } from "../../core/analytics";
import type { Flow } from "../../core/flow";
import type { NodeTypes } from "../../core/nodeTypes";
import { nodeName, portName } from "../analytics/names";
import { useTexts } from "../texts";
import { clock } from "./clock";

interface Props {
  readonly steps: readonly CallStep[];
  readonly times: readonly number[];
  readonly at: number;
  readonly flow: Flow;
  readonly types: NodeTypes;
  onStep(step: number): void;
}

/** Every step of the call: where it led, by which port, which fields it kept. */
export function StepList({ steps, times, at, flow, types, onStep }: Props) {
  const texts = useTexts();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => void list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  // Names of nodes of other flows are not known here: their ids stand for them.
  const name = (step: CallStep, node: string): string => (step.flow === flow.id ? nodeName(flow, types, node, texts) : node);
  return (
    <ol ref={list} className="path-list side-body">
      {steps.map((step, index) => {
        const fields = Object.entries(step.fields ?? {});
        return (
          <li key={step.n} className={index <= at ? "done" : ""}>
            <button type="button" aria-current={index === at ? "step" : undefined} onClick={() => onStep(index)}>
              <span className="muted figures">{index + 1}</span>
              <span>
                <strong>{step.to ? name(step, step.to) : texts.named(`reason.${step.reason || "exit"}`)}</strong>
                {step.port && <span className="muted small"> · {step.flow === flow.id ? portName(flow, types, step.from, step.port, texts) : step.port}</span>}
                {step.flow !== flow.id && <span className="chip">{step.flow}</span>}
                {fields.length > 0 && <span className="small muted mono"> {fields.map(([field, value]) => `${field}=${String(value)}`).join(" ")}</span>}
              </span>
              <time className="muted small figures">{clock(times[index] ?? 0)}</time>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
