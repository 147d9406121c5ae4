/** Which card is being edited where it stands, and where in it the author began. */
import { create } from "zustand";

interface CardEditing {
  readonly node: string | null;
  /** `title`, `prompt`, `key.0`, `label.0`, `timeout`, `tries`; the first field where it is null. */
  readonly field: string | null;
}

export const useCardEditing = create<CardEditing>(() => ({ node: null, field: null }));

export const editCard = (node: string, field: string | null = null): void => useCardEditing.setState({ node, field });
export const leaveCard = (): void => useCardEditing.setState({ node: null, field: null });
