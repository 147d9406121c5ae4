/** Functions that stay the same for whoever is given them, and do what the latest of them do. */
import { useLayoutEffect, useRef, useState } from "react";

// What functions take and give back is checked where they are written; here they are only passed on.
type Functions = Readonly<Record<string, ((...told: never[]) => unknown) | undefined>>;

/**
 * Parts of the canvas library are drawn anew when a function that they are given is another. With every step of dragging
 * that would be all of them.
 */
export function useLatest<T extends Functions>(functions: T): T {
  const latest = useRef(functions);
  useLayoutEffect(() => void (latest.current = functions));
  const [stable] = useState(
    () => Object.fromEntries(Object.keys(functions).map((name) => [name, (...told: never[]) => latest.current[name]?.(...told)])) as unknown as T,
  );
  return stable;
}
