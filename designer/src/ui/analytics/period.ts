/** The period of a report. */
export const PERIODS = { day: 1, week: 7, month: 30 } as const;
export type Period = keyof typeof PERIODS | "own";

const DAY_MS = 86_400_000;

/** Whole minutes, so that a page drawn twice asks once. */
export function periodRange(period: keyof typeof PERIODS, now: number): { from: string; to: string } {
  const to = Math.ceil(now / 60_000) * 60_000;
  return { from: new Date(to - PERIODS[period] * DAY_MS).toISOString(), to: new Date(to).toISOString() };
}

/** A date and time of this place, as the page's input gives it, in UTC; empty when it is none. */
export function localToIso(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}
