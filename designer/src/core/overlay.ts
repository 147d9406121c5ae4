/**
 * What panels lay over the canvas: where the caller is, what the tests passed, what a version changed, who else is here.
 *
 * A panel sets its overlay whole under a name of its own and clears it when it closes; the canvas merges what lies on the same
 * node or edge. What did not change keeps its identity, so that of a thousand cards only the changed ones are drawn anew.
 */
import { type StoreApi, createStore } from "zustand/vanilla";
import { own } from "./flow";

/** Strongest first: where several panels mark one node, the first decides how its frame looks; every sign is shown. */
export const TONES = ["current", "failed", "person", "removed", "added", "changed", "passed", "missed", "moved", "breakpoint"] as const;
export type Tone = (typeof TONES)[number];

export interface NodeOverlay {
  readonly tone: Tone;
  /** A word or a figure beside the tone's sign. */
  readonly badge?: string;
  /** What the sign means, for the pointer and for screen readers; the tone's own name when it is missing. */
  readonly title?: string;
}

export interface EdgeOverlay {
  readonly tone: Tone;
  readonly label?: string;
  readonly title?: string;
}

/** Edges by `edgeKey` (`from|port`), or by `from|port>to` where two edges of one port are shown. */
export interface Overlay {
  readonly nodes: Readonly<Record<string, NodeOverlay>>;
  readonly edges: Readonly<Record<string, EdgeOverlay>>;
}

export interface Sign {
  readonly overlay: string;
  readonly tone: Tone;
  readonly text: string;
  readonly title: string;
}

/** All that lies on one node or edge, strongest first. */
export interface Marking {
  readonly tone: Tone;
  readonly signs: readonly Sign[];
}

export interface OverlayState {
  readonly nodes: ReadonlyMap<string, Marking>;
  readonly edges: ReadonlyMap<string, Marking>;
}

const none: Overlay = { nodes: {}, edges: {} };
const empty: OverlayState = { nodes: new Map(), edges: new Map() };

const rank = (sign: Sign): number => TONES.indexOf(sign.tone);

const sameSigns = (a: readonly Sign[], b: readonly Sign[]): boolean =>
  a.length === b.length &&
  a.every((sign, index) => {
    const other = b[index];
    return sign.overlay === other?.overlay && sign.tone === other.tone && sign.text === other.text && sign.title === other.title;
  });

const nodeSign = (overlay: string, { tone, badge, title }: NodeOverlay): Sign => ({ overlay, tone, text: badge ?? "", title: title ?? "" });
const edgeSign = (overlay: string, { tone, label, title }: EdgeOverlay): Sign => ({ overlay, tone, text: label ?? "", title: title ?? "" });

/** The overlays of one canvas. */
export class Overlays {
  readonly store: StoreApi<OverlayState> = createStore<OverlayState>()(() => empty);
  readonly #layers = new Map<string, Overlay>();

  /** Sets an overlay; the one of the same name before goes. */
  set(id: string, overlay: Overlay): void {
    const before = this.#layers.get(id) ?? none;
    if (before === overlay) return;
    this.#layers.set(id, overlay);
    this.#merge(before, overlay);
  }

  clear(id: string): void {
    const before = this.#layers.get(id);
    if (!before) return;
    this.#layers.delete(id);
    this.#merge(before, none);
  }

  clearAll(): void {
    for (const id of [...this.#layers.keys()]) this.clear(id);
  }

  has(id: string): boolean {
    return this.#layers.has(id);
  }

  #merge(before: Overlay, after: Overlay): void {
    const { nodes, edges } = this.store.getState();
    const layers = [...this.#layers];
    const newNodes = merged(nodes, before.nodes, after.nodes, layers, (layer) => layer.nodes, nodeSign);
    const newEdges = merged(edges, before.edges, after.edges, layers, (layer) => layer.edges, edgeSign);
    if (newNodes !== nodes || newEdges !== edges) this.store.setState({ nodes: newNodes, edges: newEdges });
  }
}

/** The markings with those of the touched names made anew; the same map when nothing differs. */
function merged<T>(
  old: ReadonlyMap<string, Marking>,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  layers: readonly (readonly [string, Overlay])[],
  part: (overlay: Overlay) => Readonly<Record<string, T>>,
  sign: (overlay: string, item: T) => Sign,
): ReadonlyMap<string, Marking> {
  let result: Map<string, Marking> | undefined;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const signs = layers
      .flatMap(([id, overlay]) => {
        const item = own(part(overlay), name);
        return item === undefined ? [] : [sign(id, item)];
      })
      .toSorted((a, b) => rank(a) - rank(b));
    const was = old.get(name);
    if (sameSigns(was?.signs ?? [], signs)) continue;
    result ??= new Map(old);
    const [strongest] = signs;
    if (strongest) result.set(name, { tone: strongest.tone, signs });
    else result.delete(name);
  }
  return result ?? old;
}

/** The overlays of the canvas that is edited. Read-only canvases have their own. */
export const editorOverlays = new Overlays();
export const setOverlay = (id: string, overlay: Overlay): void => editorOverlays.set(id, overlay);
export const clearOverlay = (id: string): void => editorOverlays.clear(id);
