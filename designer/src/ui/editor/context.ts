import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { ActionContext } from "../../core/actions";
import type { Editor, EditorState } from "../../core/editor";

export const EditorContext = createContext<ActionContext | null>(null);

export function useActionContext(): ActionContext {
  const context = useContext(EditorContext);
  if (!context) throw new Error("a part of the editor stands outside of it");
  return context;
}

export const useEditor = (): Editor => useActionContext().editor;

export function useEditorState<T>(select: (state: EditorState) => T): T {
  return useStore(useEditor().store, select);
}
