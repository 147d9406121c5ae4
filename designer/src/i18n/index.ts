/** The page's own texts. Texts of flows, node types and problems come from the server in all languages. */
import { canvasEn } from "./canvas.en";
import { canvasZh } from "./canvas.zh";
import { en as commonEn } from "./en";
import { editingEn } from "./editing.en";
import { editingZh } from "./editing.zh";
import { messagesEn } from "./messages.en";
import { messagesZh } from "./messages.zh";
import { refusalsEn } from "./refusals.en";
import { refusalsZh } from "./refusals.zh";
import { simulatorEn } from "./simulator.en";
import { simulatorZh } from "./simulator.zh";
import { studioEn } from "./studio.en";
import { studioZh } from "./studio.zh";
import { testingEn } from "./testing.en";
import { testingZh } from "./testing.zh";
import { versionsEn } from "./versions.en";
import { versionsZh } from "./versions.zh";
import { zh as commonZh } from "./zh";

// A room with many texts keeps them in files of its own.
const en = { ...commonEn, ...studioEn, ...messagesEn, ...editingEn, ...simulatorEn, ...testingEn, ...versionsEn, ...canvasEn, ...refusalsEn };
const zh: Dictionary = { ...commonZh, ...studioZh, ...messagesZh, ...editingZh, ...simulatorZh, ...testingZh, ...versionsZh, ...canvasZh, ...refusalsZh };

export type TextKey = keyof typeof en;
export type Dictionary = Readonly<Record<TextKey, string>>;
export type Params = Readonly<Record<string, string | number>>;
export type Translate = (key: TextKey, params?: Params) => string;

export const dictionaries: Readonly<Record<"en-US" | "zh-CN", Dictionary>> = { "en-US": en, "zh-CN": zh };

export const isTextKey = (key: string): key is TextKey => Object.hasOwn(en, key);

export function translator(language: keyof typeof dictionaries): Translate {
  const dictionary = dictionaries[language];
  return (key, params) =>
    params ? dictionary[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole)) : dictionary[key];
}
