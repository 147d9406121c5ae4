/** What a node's card says of its fields: the caller's words, or the one setting that tells nodes of a type apart. */
import { type Flow, type FlowNode, type PromptPiece, pickText } from "./flow";
import { propertiesOf, widgetOf } from "./jsonSchema";
import { NODE_WIDTH, type NodeType, type NodeTypes, drawnPorts, nodeHeight } from "./nodeTypes";

export function isPrompt(value: unknown): value is readonly PromptPiece[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((piece) => ["text", "audio", "address", "value"].includes((piece as { kind?: string } | null)?.kind ?? ""))
  );
}

export function promptText(pieces: readonly PromptPiece[], language: string): string {
  return pieces
    .map((piece) => {
      if (piece.kind === "text") return pickText(piece.text, language);
      if (piece.kind === "audio") return `♪ ${piece.prompt}`;
      if (piece.kind === "address") return pickText(piece.text, language) || `♪ ${piece.src}`;
      return `‹${piece.expr}›`;
    })
    .filter(Boolean)
    .join(" ");
}

const TELLING = new Set(["expression", "flow", "queue", "duration", "text", "number", "selection", "variable"]);

/** One line or two of a node's card; empty when the fields say nothing yet. */
export function nodeSummary(type: NodeType | undefined, node: FlowNode, language: string): string {
  if (!type) return "";
  const properties = propertiesOf(type.schema, type.schema);
  for (const [name, schema] of properties) {
    const value = node.fields[name];
    if (widgetOf(schema, type.schema) === "prompt" && isPrompt(value)) {
      const text = promptText(value, language);
      if (text) return text;
    }
  }
  const told: string[] = [];
  for (const [name, schema] of properties) {
    const value = node.fields[name];
    // A setting that nobody changed tells nothing of this node.
    if (schema.default !== undefined && value === schema.default) continue;
    if (TELLING.has(widgetOf(schema, type.schema)) && value !== undefined && value !== "" && value !== null) {
      told.push(String(value));
    }
    if (told.length === 2) break;
  }
  return told.join(" · ");
}

/** Whether the card of this type has room for a summary: any type with fields does, so that cards do not jump while typing. */
export const hasSummary = (type: NodeType | undefined): boolean =>
  type !== undefined && Object.keys(type.schema.properties ?? {}).length > 0;

export function nodeSize(flow: Flow, types: NodeTypes, node: FlowNode): { width: number; height: number } {
  const ports = drawnPorts(flow, types, node).length;
  return { width: NODE_WIDTH, height: nodeHeight(ports, hasSummary(types.get(node.type))) };
}
