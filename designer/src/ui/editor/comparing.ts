/** Whether the versions are to be compared as soon as they are there. */
import { create } from "zustand";

export const useComparing = create<{ readonly asked: boolean }>(() => ({ asked: false }));
