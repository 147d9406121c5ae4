/** What a view loads from the server: waiting, there, or failed with a way to try again. */
import { useCallback, useEffect, useState } from "react";
import { ApiError } from "../api/client";

export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  reload(): void;
}

export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, "unknown", String(error));

/** Loads anew whenever `key` changes; what was there stays until the new answer has come. */
export function useResource<T>(key: string, load: () => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: ApiError }>({ key: "" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    load().then(
      (data) => wanted && setState({ key, data }),
      (error: unknown) => wanted && setState((before) => ({ ...before, key, error: asApiError(error) })),
    );
    return () => {
      wanted = false;
    };
    // The key says what is loaded; `load` is a new function on every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { data: state.data, error: state.error, loading: state.key !== key, reload };
}
