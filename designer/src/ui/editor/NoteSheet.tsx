import { NodeResizer, type NodeProps } from "@xyflow/react";
import { memo, useContext } from "react";
import { GRID } from "../../core/arrange";
import { useTexts } from "../texts";
import type { NoteNode } from "./canvasModel";
import { EditorContext } from "./context";

/** A note, or a frame around nodes. Its text is edited where it stands. */
export const NoteSheet = memo(function NoteSheet({ data, selected }: NodeProps<NoteNode>) {
  const { t } = useTexts();
  const editor = useContext(EditorContext)?.editor;
  const { note } = data;
  const label = note.frame ? t("note.frameTitle") : t("note.text");
  const write = (text: string): void =>
    editor?.edit({ kind: "note.set", id: note.id, note: { text } }, "step.note", `note ${note.id}`);
  return (
    <div className={`${note.frame ? "frame" : "note"} ${selected ? "selected" : ""}`}>
      {editor && (
        <NodeResizer
          isVisible={Boolean(selected)}
          minWidth={GRID * 6}
          minHeight={GRID * 3}
          onResizeEnd={(_event, { x, y, width, height }) =>
            editor.edit({ kind: "note.set", id: note.id, note: { position: { x, y }, width, height } }, "step.resize")
          }
        />
      )}
      {note.frame ? (
        <input className="nodrag" aria-label={label} placeholder={label} value={note.text} readOnly={!editor} onChange={(event) => write(event.target.value)} />
      ) : (
        <textarea className={selected ? "nodrag nowheel" : "nowheel"} aria-label={label} placeholder={label} value={note.text} readOnly={!editor} onChange={(event) => write(event.target.value)} />
      )}
    </div>
  );
});
