/** What a person is told when the server refuses something: its own words are English, for logs and programs. */
import type { ApiError } from "../api/client";
import { asApiError } from "./resource";
import { useSettings } from "./settings";
import { type Texts, textsFor } from "./texts";
import { isTextKey } from "../i18n";

export function refusalText(problem: ApiError, { t }: Texts): string {
  const key = `refusal.${problem.code}`;
  const told = Object.entries(problem.detail).filter((member): member is [string, string | number] => ["string", "number"].includes(typeof member[1]));
  return t(isTextKey(key) ? key : "refusal.other", { ...Object.fromEntries(told), message: problem.message });
}

/** The same of anything that was thrown, in the language of the page. */
export const reasonOf = (error: unknown): string => refusalText(asApiError(error), textsFor(useSettings.getState().language));
