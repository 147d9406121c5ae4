/** Addresses of the pages. The server answers every address that is no file with index.html. */
import { type AnchorHTMLAttributes, type ReactNode, useSyncExternalStore } from "react";

export interface Route {
  readonly page: "flows" | "editor" | "analytics" | "calls" | "prompts" | "desk" | "admin" | "missing";
  readonly id: string;
}

const PAGES: Record<string, [Route["page"], boolean]> = {
  "": ["flows", false],
  flows: ["editor", true],
  analytics: ["analytics", true],
  calls: ["calls", true],
  // Not /prompts: under that address the recordings themselves are had.
  library: ["prompts", false],
  desk: ["desk", false],
  admin: ["admin", false],
};

export function parseRoute(path: string): Route {
  const [first = "", second = ""] = path.replace(/^\//, "").split("/");
  const found = Object.hasOwn(PAGES, first) ? PAGES[first] : undefined;
  if (!found) return { page: "missing", id: path };
  const [page, needsId] = found;
  if (needsId && !second) return { page: "flows", id: "" };
  let id = second;
  try {
    id = decodeURIComponent(second);
  } catch {
    // A broken escape is looked up as it stands, and not found.
  }
  return { page, id };
}

const listeners = new Set<() => void>();
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
};

/** Goes to an address, which may have a query. */
export function navigate(path: string): void {
  history.pushState(null, "", path);
  window.scrollTo(0, 0);
  listeners.forEach((listener) => listener());
}

export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname);
export const useRoute = (): Route => parseRoute(usePath());

export function Link({ to, children, ...rest }: { to: string; children: ReactNode } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
