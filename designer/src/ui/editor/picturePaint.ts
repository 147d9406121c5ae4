/** Draws a flow as a picture: one bitmap instead of thousands of elements. */
import { Position, getBezierPath } from "@xyflow/react";
import type { Marking, OverlayState, Tone } from "../../core/overlay";
import { nodeTitle } from "../../core/nodeTypes";
import type { CanvasNode, CardNode, LineEdge, NoteNode } from "./canvasModel";
import type { Language } from "../settings";

export const IN_OFFSET = 23;
const TITLE_PX = 27;
const TITLE_FROM_ZOOM = 0.17;
const RADIUS = 12;

/** The colours of the pages as they are now, by their names in tokens.css. */
export type Colours = (name: string) => string;

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const found = new Map<string, string>();
  return (name) => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const value = style.getPropertyValue(`--${name}`).trim() || "#888";
    found.set(name, value);
    return value;
  };
}

interface ToneLook {
  readonly colour: string;
  readonly sign: string;
  readonly dash?: readonly number[];
  readonly width: number;
}
const TONE_LOOKS: Record<Tone, ToneLook> = {
  current: { colour: "live", sign: "▼", width: 14 },
  failed: { colour: "bad", sign: "✕", width: 9 },
  person: { colour: "logic", sign: "☺", width: 7, dash: [4, 6] },
  removed: { colour: "bad", sign: "−", width: 8, dash: [20, 12] },
  added: { colour: "good", sign: "+", width: 8 },
  changed: { colour: "warn", sign: "~", width: 8, dash: [32, 6] },
  passed: { colour: "good", sign: "✓", width: 7 },
  missed: { colour: "line-strong", sign: "○", width: 7, dash: [16, 14] },
  moved: { colour: "line-strong", sign: "↔", width: 6, dash: [5, 9] },
  breakpoint: { colour: "bad", sign: "●", width: 0 },
};

export interface Look {
  /** Pixels of the screen to one of the flow: what has to be seen is drawn two pixels wide at least. */
  readonly zoom: number;
  readonly colours: Colours;
  readonly overlays: OverlayState;
  readonly language: Language;
}

interface Stroke {
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
  readonly path: Path2D;
}

export const edgeMarking = (overlays: OverlayState, edge: LineEdge): Marking | undefined => {
  const key = edge.data?.key ?? edge.id;
  return overlays.edges.get(`${key}>${edge.target}`) ?? overlays.edges.get(key);
};

export function edgePath(edge: LineEdge, byId: ReadonlyMap<string, CanvasNode>, shift?: (id: string) => { x: number; y: number }): string {
  const from = byId.get(edge.source);
  const to = byId.get(edge.target);
  const handle = from?.handles?.find((item) => item.id === edge.sourceHandle);
  if (!from || !to || !handle) return "";
  const a = shift?.(from.id) ?? { x: 0, y: 0 };
  const b = shift?.(to.id) ?? { x: 0, y: 0 };
  return getBezierPath({
    sourceX: from.position.x + handle.x + a.x,
    sourceY: from.position.y + handle.y + a.y,
    sourcePosition: Position.Right,
    targetX: to.position.x + b.x,
    targetY: to.position.y + IN_OFFSET + b.y,
    targetPosition: Position.Left,
    curvature: 0.3,
  })[0];
}

/** Edges of one look as one path: a few strokes instead of thousands. */
export function strokesOf(edges: readonly LineEdge[], byId: ReadonlyMap<string, CanvasNode>, { colours, overlays, zoom }: Look, shift?: (id: string) => { x: number; y: number }): Stroke[] {
  const strokes = new Map<string, { stroke: Omit<Stroke, "path">; parts: string[] }>();
  for (const edge of edges) {
    const marking = edgeMarking(overlays, edge);
    const tone = marking ? TONE_LOOKS[marking.tone] : undefined;
    const kind = edge.data?.port?.kind ?? "other";
    const name = edge.selected ? "accent" : edge.data?.marks.caller ? "live" : (tone?.colour ?? `port-${kind}`);
    const count = edge.data?.marks.count ?? null;
    const counted = count === null ? 3 : count === 0 ? 1 : Math.round((edge.data?.marks.width ?? 1) * 2);
    const width = edge.selected || edge.data?.marks.caller ? 7 : tone ? Math.max(tone.width, 6) : counted;
    const shown = width > 3 ? atLeast(width, 2, zoom) : width;
    const dash = tone?.dash ?? [];
    const key = `${name} ${shown} ${dash.join()}`;
    const entry = strokes.get(key) ?? { stroke: { colour: colours(name), width: shown, dash }, parts: [] };
    entry.parts.push(edgePath(edge, byId, shift));
    strokes.set(key, entry);
  }
  // What is marked is drawn last, above the others.
  return [...strokes.values()]
    .toSorted((a, b) => a.stroke.width - b.stroke.width)
    .map(({ stroke, parts }) => ({ ...stroke, path: new Path2D(parts.join("")) }));
}

export function paintStrokes(context: CanvasRenderingContext2D, strokes: readonly Stroke[]): void {
  for (const { colour, width, dash, path } of strokes) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.globalAlpha = width > 3 ? 1 : 0.7;
    context.stroke(path);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function cut(context: CanvasRenderingContext2D, text: string, width: number): string {
  // A guess first: measuring every letter of a thousand titles would take long.
  if (context.measureText(text).width <= width) return text;
  let length = Math.max(1, Math.floor((text.length * width) / context.measureText(text).width) - 1);
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
}

const CHIP = 26;
const CHIP_PIXELS = 6;

/** A sign in a circle, large enough to be told apart from far away. */
function chip(context: CanvasRenderingContext2D, x: number, y: number, sign: string, colour: string, { colours, zoom }: Look): void {
  const radius = atLeast(CHIP, CHIP_PIXELS, zoom);
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fillStyle = colours("surface");
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = radius / 5;
  context.stroke();
  context.fillStyle = colour;
  context.textAlign = "center";
  context.font = `700 ${radius * 1.4}px ${FONT}`;
  context.fillText(sign, x, y + radius / 13);
  context.textAlign = "left";
}

/** A width in the flow that is at least so many pixels on the screen. */
const atLeast = (width: number, pixels: number, zoom: number): number => Math.max(width, pixels / zoom);

const FONT = "system-ui, sans-serif";

function paintCard(context: CanvasRenderingContext2D, node: CardNode, look: Look): void {
  const { colours, overlays, language, zoom } = look;
  const titles = zoom >= TITLE_FROM_ZOOM;
  const { x, y } = node.position;
  const { width = 0, height = 0, data } = node;
  const category = data.type?.category ?? "end";
  context.beginPath();
  context.roundRect(x, y, width, height, RADIUS);
  context.fillStyle = colours(`${category}-soft`);
  context.fill();
  context.strokeStyle = colours(node.selected ? "accent" : data.marks.errors ? "bad" : data.marks.caller ? "live" : category);
  context.lineWidth = node.selected ? atLeast(10, 2.5, zoom) : data.marks.caller ? atLeast(8, 2, zoom) : 3;
  context.stroke();
  const marking = overlays.nodes.get(node.id);
  const tone = marking ? TONE_LOOKS[marking.tone] : undefined;
  if (tone && tone.width > 0) {
    context.strokeStyle = colours(tone.colour);
    context.lineWidth = atLeast(tone.width, 2, zoom);
    context.setLineDash([...(tone.dash ?? [])]);
    context.beginPath();
    context.roundRect(x - 7, y - 7, width + 14, height + 14, RADIUS + 5);
    context.stroke();
    context.setLineDash([]);
  }
  if (titles) {
    const title = nodeTitle(data.node, data.type, language);
    context.font = `620 ${TITLE_PX}px ${FONT}`;
    context.fillStyle = colours("text");
    context.fillText(cut(context, title, width - 24), x + 12, y + 30);
    if (data.marks.entered !== null) {
      context.font = `680 32px ${FONT}`;
      context.fillText(String(data.marks.entered), x + 12, y + 66);
    }
  }
  if (data.marks.entered !== null) {
    context.fillStyle = colours(category);
    context.fillRect(x + 10, y + height - 14, ((width - 20) * data.marks.share) / 100, 8);
  }
  marking?.signs.forEach((sign, index) => {
    const { sign: letter, colour } = TONE_LOOKS[sign.tone];
    chip(context, x + 22 + index * 2.3 * atLeast(CHIP, CHIP_PIXELS, zoom), y - 6, sign.tone === "person" && sign.text ? [...sign.text][0]?.toUpperCase() ?? letter : letter, colours(colour), look);
  });
  if (data.marks.errors > 0) chip(context, x + width - 18, y - 6, "!", colours("bad"), look);
  else if (data.marks.warnings > 0) chip(context, x + width - 18, y - 6, "△", colours("warn"), look);
}

function paintNote(context: CanvasRenderingContext2D, { position: { x, y }, width = 0, height = 0, data: { note }, selected }: NoteNode, { colours, zoom }: Look): void {
  if (note.frame) {
    context.strokeStyle = colours(selected ? "accent" : "line-strong");
    context.lineWidth = selected ? atLeast(8, 2.5, zoom) : 3;
    context.setLineDash([16, 10]);
    context.strokeRect(x, y, width, height);
    context.setLineDash([]);
  } else {
    context.fillStyle = colours("note");
    context.fillRect(x, y, width, height);
    context.strokeStyle = colours(selected ? "accent" : "note-line");
    context.lineWidth = selected ? atLeast(8, 2.5, zoom) : 2;
    context.strokeRect(x, y, width, height);
  }
  if (zoom < TITLE_FROM_ZOOM || !note.text) return;
  context.font = `${note.frame ? 650 : 500} ${note.frame ? 34 : 26}px ${FONT}`;
  context.fillStyle = colours(note.frame ? "text" : "note-text");
  context.fillText(cut(context, note.text.split("\n")[0] ?? "", width - 24), x + 12, y + 30);
}

/** Notes lie under the edges, cards above them. */
export function paintNotes(context: CanvasRenderingContext2D, nodes: readonly CanvasNode[], look: Look): void {
  context.textBaseline = "middle";
  for (const node of nodes) if (node.type === "note") paintNote(context, node, look);
}

export function paintCards(context: CanvasRenderingContext2D, nodes: readonly CanvasNode[], look: Look): void {
  context.textBaseline = "middle";
  for (const node of nodes) if (node.type === "card") paintCard(context, node, look);
}
