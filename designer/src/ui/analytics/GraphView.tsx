import type { Flow } from "../../core/flow";
import type { NodeTypes } from "../../core/nodeTypes";
import { ReadOnlyCanvas } from "../editor/ReadOnlyCanvas";
import type { Marks } from "../editor/canvasModel";

interface Props {
  readonly flow: Flow;
  readonly types: NodeTypes;
  readonly marks: Marks;
  readonly selected: string | null;
  /** Brought to the middle whenever it changes. */
  readonly focus?: string | null;
  onSelect(node: string | null): void;
}

/** A flow's graph with the callers' figures on it. */
export function GraphView(props: Props) {
  return <ReadOnlyCanvas {...props} />;
}
