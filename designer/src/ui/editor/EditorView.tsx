import "../../core/actions";
import { useCallback, useEffect, useMemo, useState } from "react";
import { countProblems, problemsByNode } from "../../core/problems";
import type { ActionContext, Panel } from "../../core/actions";
import { nodeById } from "../../core/flow";
import type { Editor } from "../../core/editor";
import { useTexts } from "../texts";
import { Canvas, type CanvasHandle } from "./Canvas";
import { CommandPalette } from "./CommandPalette";
import { ConflictDialog } from "./ConflictDialog";
import { KeysDialog } from "./KeysDialog";
import { Palette } from "./Palette";
import { PublishDialog } from "./PublishDialog";
import { SidePanel } from "./SidePanel";
import { TemplateDialogs } from "./TemplateDialogs";
import { TopBar } from "./TopBar";
import { type Marks, noMarks, unmarked } from "./canvasModel";
import { useChecking } from "./checking";
import { BrowserClipboard } from "./clipboardHost";
import { EditorContext } from "./context";
import { type PageDoor, createHost } from "./host";
import { usePresence } from "./presence";
import { useSaving } from "./saving";
import { useShortcuts } from "./shortcuts";
import { useDebuggingOverlays } from "./simulator/overlays";
import { useUndoneInSight } from "./undoneInSight";
import { useStore } from "zustand";

/** Panels of the flow as a whole: who clicks on a card then wants to see the card. */
const OF_THE_FLOW: ReadonlySet<Panel> = new Set(["flow", "versions"]);

type Open = "palette" | "keys" | "publish" | null;

export function EditorView({ editor }: { editor: Editor }) {
  const { t, pick } = useTexts();
  const saving = useSaving(editor);
  const checking = useChecking(editor);
  const presence = usePresence(editor, saving);
  const [open, setOpen] = useState<Open>(null);
  const [panel, setPanel] = useState<Panel>("properties");
  const [shown, setShown] = useState({ minimap: true, palette: true, grid: true });
  const [clipboard] = useState(() => new BrowserClipboard());
  const [door] = useState<PageDoor>(() => ({ canvas: null, pointer: null, save: async () => false, show: () => undefined, open: () => undefined, toggle: () => undefined, simulate: () => undefined }));

  const context: ActionContext = useMemo(() => ({ editor, host: createHost(editor, door, clipboard) }), [editor, door, clipboard]);

  // The host outlives renders; what it reaches is put behind its door anew.
  useEffect(() => {
    Object.assign(door, {
      save: saving.save,
      show: setPanel,
      open: setOpen,
      toggle: (what: keyof typeof shown) => setShown((before) => ({ ...before, [what]: !before[what] })),
      simulate: () => {
        setPanel("simulator");
        context.host.debugging.start();
      },
    });
  }, [door, saving.save, context]);
  useShortcuts(context, clipboard);
  useUndoneInSight(editor, door);

  const flow = useStore(editor.store, (state) => state.history.flow);
  const problems = useStore(editor.store, (state) => state.problems);
  const marks = useMemo<Marks>(() => {
    const byNode = problemsByNode(problems);
    return {
      ...noMarks,
      node: (id) => {
        const found = byNode.get(id);
        return found ? { ...unmarked, ...countProblems(found) } : unmarked;
      },
    };
  }, [problems]);
  useDebuggingOverlays(context, panel === "simulator");

  const { host } = context;
  useEffect(() => {
    document.title = `${pick(flow.name) || flow.id} – vxmlplat`;
  }, [flow.name, flow.id, pick]);

  // An address may name the node that it is about.
  const onReady = useCallback(
    (handle: CanvasHandle) => {
      door.canvas = handle;
      const named = new URLSearchParams(location.search).get("node");
      if (!named || !nodeById(editor.flow, named)) return;
      editor.select({ nodes: [named] });
      host.fit([named]);
    },
    [door, editor, host],
  );
  const onPointer = useCallback((screen: { x: number; y: number }) => void (door.pointer = screen), [door]);

  const onChoose = useCallback(() => setPanel((before) => (OF_THE_FLOW.has(before) ? "properties" : before)), []);

  return (
    <EditorContext value={context}>
      <div className="editor">
        <TopBar saving={saving} checking={checking} others={presence.others} />
        <div className="editor-body">
          {shown.palette && <Palette />}
          <main className="editor-main" aria-label={t("canvas.title")}>
            <Canvas marks={marks} minimap={shown.minimap} grid={shown.grid} onReady={onReady} onPointer={onPointer} onChoose={onChoose} />
          </main>
          <SidePanel panel={panel} onPanel={setPanel} />
        </div>
      </div>
      {open === "palette" && <CommandPalette onClose={() => setOpen(null)} />}
      {open === "keys" && <KeysDialog onClose={() => setOpen(null)} />}
      {open === "publish" && <PublishDialog saving={saving} onClose={() => setOpen(null)} />}
      <TemplateDialogs />
      {saving.conflict && <ConflictDialog saving={saving} conflict={saving.conflict} />}
    </EditorContext>
  );
}
