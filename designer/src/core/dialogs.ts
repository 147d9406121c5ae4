/** Which of the editor's dialogues is open; actions open them, a view shows them. */
import { createStore } from "zustand/vanilla";

export type EditorDialog = "template.insert" | "template.save";

export const openDialog = createStore<{ readonly open: EditorDialog | null }>()(() => ({ open: null }));

export const showDialog = (open: EditorDialog | null): void => openDialog.setState({ open });
