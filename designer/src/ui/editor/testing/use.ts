import { useStore } from "zustand";
import type { Testing, TestingState } from "../../../core/testing";
import { useActionContext } from "../context";

export const useTesting = (): Testing => useActionContext().host.testing;

export function useTestingState<T>(select: (state: TestingState) => T): T {
  return useStore(useTesting().store, select);
}
