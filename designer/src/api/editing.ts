/** What authors are helped with beside saving: templates, import of VoiceXML, the compiled draft, search. */
import { type Flow, type LocalizedText, readFlow } from "../core/flow";
import type { Problem } from "../core/problems";
import type { Template } from "../core/templates";
import { address, get, post, put, remove } from "./client";

export const listTemplates = async (): Promise<Template[]> =>
  (await get<Template[]>("/api/templates")).map((template) => ({ ...template, flow: readFlow(template.flow) }));
export const putTemplate = (id: string, template: Pick<Template, "title" | "summary" | "flow">): Promise<Template> =>
  put(`/api/templates/${encodeURIComponent(id)}`, template);
export const deleteTemplate = (id: string): Promise<void> => remove(`/api/templates/${encodeURIComponent(id)}`);

export const putTest = (flow: string, test: Readonly<Record<string, unknown>>): Promise<unknown> =>
  put(`/api/flows/${encodeURIComponent(flow)}/tests/${encodeURIComponent(String(test["name"]))}`, { test });

/** What one dialog of a document became; `dialog` is empty for what stands beside the dialogs. */
export interface Became {
  readonly dialog: string;
  readonly line: number;
  readonly column: number;
  readonly nodes: readonly string[];
  readonly types: readonly string[];
  readonly reason: LocalizedText | null;
  readonly notes: readonly LocalizedText[];
}
export interface ImportedFlow {
  readonly flow: Flow;
  readonly report: readonly Became[];
  readonly problems: readonly Problem[];
}

/** A VoiceXML document as a flow; 422 `flow.import` with line, column and reason for what is none. */
export async function importVoiceXml(id: string, document: string, options: { name?: string; base?: string; application?: string }): Promise<ImportedFlow> {
  const made = await post<ImportedFlow>("/api/flows/import", { id, document, ...options });
  return { ...made, flow: readFlow(made.flow) };
}

/** What a node of the draft compiles to. */
export const compiledDraft = (flow: Flow, node: string): Promise<{ documents: Record<string, string> }> =>
  post(address(`/api/flows/${encodeURIComponent(flow.id)}/compiled`, { node }), flow);

export interface SearchHit {
  readonly flow: string;
  readonly kind: "flow" | "node" | "variable" | "note";
  readonly id: string;
  readonly title: string;
  readonly field: string;
  readonly text: string;
}
export const searchFlows = (words: string, signal?: AbortSignal): Promise<SearchHit[]> => get(address("/api/search", { q: words }), signal);

export const listQueueNames = async (): Promise<string[]> => (await get<{ id: string }[]>("/api/queues")).map((queue) => queue.id);
