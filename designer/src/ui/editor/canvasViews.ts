import type { EdgeTypes, NodeTypes } from "@xyflow/react";
import { FlowCard } from "./FlowCard";
import { FlowLine } from "./FlowLine";
import { NoteSheet } from "./NoteSheet";

/** How the parts of a flow are drawn, on every canvas alike. */
export const NODE_VIEWS: NodeTypes = { card: FlowCard, note: NoteSheet };
export const EDGE_VIEWS: EdgeTypes = { line: FlowLine };
