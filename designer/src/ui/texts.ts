/** What a view says, in the reader's language. */
import { useMemo } from "react";
import { type LocalizedText, pickText } from "../core/flow";
import { type TextKey, type Translate, isTextKey, translator } from "../i18n";
import { type Language, useSettings } from "./settings";

export interface Texts {
  readonly t: Translate;
  readonly language: Language;
  pick(text: LocalizedText | string | undefined | null): string;
  /** A text whose key is made at run time (`step.move`); the key itself when there is none. */
  named(key: string): string;
  time(iso: string | null | undefined): string;
  number(value: number): string;
  percent(value: number): string;
}

function textsIn(language: Language): Texts {
  const t = translator(language);
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return {
    t,
    language,
    pick: (text) => pickText(text ?? undefined, language),
    named: (key) => (isTextKey(key) ? t(key as TextKey) : key),
    time: (iso) => (iso ? time.format(new Date(iso)) : "–"),
    number: (value) => number.format(value),
    percent: (value) => `${percent.format(value)}%`,
  };
}

const cache = new Map<Language, Texts>();

export function textsFor(language: Language): Texts {
  const texts = cache.get(language) ?? textsIn(language);
  cache.set(language, texts);
  return texts;
}

export function useTexts(): Texts {
  const language = useSettings((settings) => settings.language);
  return useMemo(() => textsFor(language), [language]);
}
