import type { EdgeTypes, NodeTypes } from "@xyflow/react";
import type { CanvasNode } from "./canvasModel";
import { FlowCard } from "./FlowCard";
import { FlowLine } from "./FlowLine";
import { NoteSheet } from "./NoteSheet";
import { type Texts, textsFor } from "../texts";
import { LANGUAGES, type Language } from "../settings";

/** How the parts of a flow are drawn, on every canvas alike. */
export const NODE_VIEWS: NodeTypes = { card: FlowCard, note: NoteSheet };
export const EDGE_VIEWS: EdgeTypes = { line: FlowLine };

// Values that are new with every render would make the canvas library draw everything anew.

export const HIDE_ATTRIBUTION = { hideAttribution: true };

export const mapColour = (node: CanvasNode): string =>
  node.type === "card" ? `var(--${node.data.type?.category ?? "end"})` : "var(--note-line)";

export const MAP_MASK = "color-mix(in srgb, var(--canvas) 70%, transparent)";

const labelsIn = ({ t }: Texts): Record<string, string> => ({
  "controls.zoomIn.ariaLabel": t("action.view.zoom.in"),
  "controls.zoomOut.ariaLabel": t("action.view.zoom.out"),
  "controls.fitView.ariaLabel": t("action.view.fit"),
  "minimap.ariaLabel": t("canvas.minimap"),
});
const LABELS = new Map(LANGUAGES.map((language) => [language, labelsIn(textsFor(language))]));
export const canvasLabels = (language: Language): Record<string, string> => LABELS.get(language) ?? {};
