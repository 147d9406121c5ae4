/** Values inside fields by their path, as problems name them: `choices.2.key`. */

const stepsOf = (path: string): string[] => path.split(".").filter(Boolean);

export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const step of stepsOf(path)) {
    if (Array.isArray(current)) current = current[Number(step)];
    else if (typeof current === "object" && current !== null && Object.hasOwn(current, step)) current = (current as Record<string, unknown>)[step];
    else return undefined;
  }
  return current;
}

/** A copy with another value at the path; undefined takes a member or a row away. */
export function withValueAt(value: unknown, path: string, next: unknown): unknown {
  const [step, ...rest] = stepsOf(path);
  if (step === undefined) return next;
  const inner = rest.join(".");
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!Number.isInteger(index) || index < 0 || index > value.length) return value;
    if (!inner && next === undefined) return value.toSpliced(index, 1);
    const changed = withValueAt(value[index], inner, next);
    return index < value.length ? value.with(index, changed) : [...value, changed];
  }
  const record = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const { [step]: old, ...others } = record;
  const changed = withValueAt(old, inner, next);
  return changed === undefined ? others : { ...record, [step]: changed };
}

/** The part of a path behind its beginning: `when` of `branches.0.when` in `branches.0`; undefined when it lies elsewhere. */
export function pathBehind(path: string | null | undefined, beginning: string): string | undefined {
  if (path === beginning) return "";
  return path?.startsWith(`${beginning}.`) ? path.slice(beginning.length + 1) : undefined;
}
