/** An id made of a name: `City hotline` gives `city-hotline`; empty where the name has no such letters. */
export const flowIdFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);

/** The first of `id`, `id-2`, `id-3` … that is free. */
export function freeFlowId(id: string, taken: readonly string[]): string {
  const base = id || "flow";
  for (let n = 1; ; n += 1) {
    const one = n === 1 ? base : `${base.slice(0, 58)}-${n}`;
    if (!taken.includes(one)) return one;
  }
}
