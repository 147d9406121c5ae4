/** Buttons that mend a problem. */
import "./editing.css";
import { Wrench } from "lucide-react";
import { type Fix, fixesOf } from "../../core/fixes";
import { type Flow, nodeById } from "../../core/flow";
import { type NodeTypes, nodeTitle } from "../../core/nodeTypes";
import type { Problem } from "../../core/problems";
import { type Texts, useTexts } from "../texts";
import { useActionContext, useEditorState } from "./context";

export function fixTitle(fix: Fix, texts: Texts, { flow, types }: { flow: Flow; types: NodeTypes }): string {
  const node = fix.node === undefined ? undefined : nodeById(flow, fix.node);
  const params = { ...fix.params, ...(node ? { node: nodeTitle(node, types.get(node.type), texts.language) } : {}) };
  return Object.entries(params).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, () => value), texts.named(fix.title));
}

export function Fixes({ problem }: { problem: Problem }) {
  const texts = useTexts();
  const { editor } = useActionContext();
  const flow = useEditorState((state) => state.history.flow);
  const types = useEditorState((state) => state.types);
  const fixes = fixesOf(problem, flow, types);
  if (fixes.length === 0) return null;
  return (
    <span className="fixes">
      {fixes.map((fix) => (
        <button key={`${fix.title} ${Object.values(fix.params ?? {}).join()}`} type="button" className="fix" onClick={() => editor.edit(fix.edit, "step.fix")}>
          <Wrench size={12} aria-hidden /> {fixTitle(fix, texts, { flow, types })}
        </button>
      ))}
    </span>
  );
}
