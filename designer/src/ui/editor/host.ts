/** What the editor's actions reach of the page. */
import type { EditorHost, Panel } from "../../core/actions";
import type { Editor } from "../../core/editor";
import { debuggingOf } from "./simulator/debugging";
import { testingOf } from "./testing/bench";
import { FlowFileError, type LocalizedText, nodeById, parseFlow } from "../../core/flow";
import { nodeSize } from "../../core/summary";
import { importVoiceXml } from "../../api/editing";
import { pickFile, saveFile } from "../files";
import { reasonOf } from "../refusals";
import { asApiError } from "../resource";
import { navigate } from "../router";
import { isDark, useSettings } from "../settings";
import { textsFor } from "../texts";
import { tell } from "../toasts";
import type { CanvasHandle } from "./Canvas";
import { editCard } from "./cardEditing";
import { useComparing } from "./comparing";
import type { BrowserClipboard } from "./clipboardHost";
import { elkEngine } from "./elk";

/** The parts of the page that change with every render, filled by the view. */
export interface PageDoor {
  canvas: CanvasHandle | null;
  pointer: { x: number; y: number } | null;
  save: () => Promise<boolean>;
  show: (panel: Panel) => void;
  open: (dialog: "palette" | "keys" | "publish") => void;
  toggle: (what: "minimap" | "palette" | "grid") => void;
  simulate: () => void;
}

const MOVE_MS = 220;
/** From here on every field of a card is large enough to be read and hit. */
const EDITING_ZOOM = 1;
const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
const duration = (): number => (calm() ? 0 : MOVE_MS);

/** Where a node's card is on the canvas, in pixels, if it is seen as a whole. */
function inSight(id: string): { x: number; y: number } | null {
  const card = document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  const canvas = document.querySelector(".canvas")?.getBoundingClientRect();
  if (!card || !canvas) return null;
  const seen = card.left >= canvas.left && card.top >= canvas.top && card.right <= canvas.right && card.bottom <= canvas.bottom;
  return seen ? { x: card.left - canvas.left, y: card.top - canvas.top } : null;
}

export function createHost(editor: Editor, door: PageDoor, clipboard: BrowserClipboard): EditorHost {
  const importFlow = async (): Promise<void> => {
    const source = await pickFile(".json,.vxml,.xml,application/json,application/voicexml+xml");
    if (source === null) return;
    const { t, named } = textsFor(useSettings.getState().language);
    try {
      // A document is made a flow by the platform; what has no node of its own becomes a VoiceXML node.
      const flow = source.trimStart().startsWith("<") ? (await importVoiceXml(editor.flow.id, source, {})).flow : parseFlow(source);
      editor.edit({ kind: "flow.replace", flow }, "step.import");
      setTimeout(() => void door.canvas?.fitView({ padding: 0.15, maxZoom: 1 }));
    } catch (error) {
      tell("bad", t("flows.importFailed", { reason: error instanceof FlowFileError ? named(`flowFile.${error.reason}`) : refusal(error) }));
    }
  };

  /** Why a document was refused, and where. */
  const refusal = (error: unknown): string => {
    const { t, pick } = textsFor(useSettings.getState().language);
    const { detail } = asApiError(error);
    const reason = pick(detail["reason"] as LocalizedText | undefined) || reasonOf(error);
    const [line, column] = [Number(detail["line"]), Number(detail["column"])];
    return line > 0 ? t("import.refusedAt", { line, column, reason }) : reason;
  };

  const fit = (ids?: readonly string[]): void => {
    const [only] = ids ?? [];
    // A node that was added a moment ago is drawn with the next frame.
    requestAnimationFrame(() => {
      const node = ids?.length === 1 && only ? nodeById(editor.flow, only) : undefined;
      if (!node) {
        void door.canvas?.fitView({ padding: 0.15, maxZoom: 1, duration: duration(), ...(ids ? { nodes: ids.map((id) => ({ id })) } : {}) });
        return;
      }
      const { width, height } = nodeSize(editor.flow, editor.state.types, node);
      const zoom = Math.max(door.canvas?.getZoom() ?? 1, 0.75);
      void door.canvas?.setCenter(node.position.x + width / 2, node.position.y + height / 2, { zoom, duration: duration() });
    });
  };

  /** Makes a card large enough to write on, where it stands if there is room. */
  const bringToHand = (id: string): void => {
    const node = nodeById(editor.flow, id);
    const { canvas } = door;
    if (!node || !canvas) return;
    const zoom = Math.max(canvas.getZoom(), EDITING_ZOOM);
    const at = inSight(id);
    if (at && zoom === canvas.getZoom()) return;
    const { width, height } = nodeSize(editor.flow, editor.state.types, node);
    const { x, y } = node.position;
    const room = canvas.size();
    if (at && at.x + width * zoom <= room.width && at.y + height * zoom <= room.height) {
      void canvas.setViewport({ x: at.x - x * zoom, y: at.y - y * zoom, zoom }, { duration: duration() });
    } else void canvas.setCenter(x + width / 2, y + height / 2, { zoom, duration: duration() });
  };

  return {
    save: () => void door.save(),
    publish: () => door.open("publish"),
    exportFlow: () => saveFile(`${editor.flow.id}.json`, JSON.stringify(editor.flow, null, 2), "application/json"),
    importFlow: () => void importFlow(),
    openPrompts: () => navigate("/library"),
    showPanel: (panel) => door.show(panel),
    compareVersions: () => {
      door.show("versions");
      useComparing.setState({ asked: true });
    },
    editOnCard: (id, field) => {
      bringToHand(id);
      editCard(id, field);
    },
    simulate: () => door.simulate(),
    openPalette: () => door.open("palette"),
    showKeys: () => door.open("keys"),
    fit,
    zoom: (how) => {
      if (how === "in") void door.canvas?.zoomIn({ duration: duration() });
      else if (how === "out") void door.canvas?.zoomOut({ duration: duration() });
      else void door.canvas?.zoomTo(1, { duration: duration() });
    },
    toggle: (what) => {
      if (what !== "theme") {
        door.toggle(what);
        return;
      }
      const { theme, setTheme } = useSettings.getState();
      setTheme(isDark(theme) ? "light" : "dark");
    },
    layoutEngine: elkEngine,
    debugging: debuggingOf(editor),
    testing: testingOf(editor),
    writeClipboard: clipboard.writeClipboard,
    readClipboard: clipboard.readClipboard,
    pointer: () => {
      const box = document.querySelector(".canvas")?.getBoundingClientRect();
      const middle = box ? { x: box.x + box.width / 2 - 110, y: box.y + box.height / 3 } : { x: 0, y: 0 };
      const over = door.pointer && box && door.pointer.x > box.x && door.pointer.x < box.right ? door.pointer : middle;
      // By click or key from elsewhere, new things go to the middle of what is seen.
      const screen = document.activeElement?.closest(".palette, dialog, .side") ? middle : over;
      return door.canvas?.screenToFlowPosition(screen) ?? { x: 0, y: 0 };
    },
  };
}
