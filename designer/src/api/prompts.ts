/** Recordings on the server, and the platform's voice. */
import type { Prompt } from "../core/prompts";
import { bytes, get, remove, upload } from "./client";

const at = (prompt: Pick<Prompt, "language" | "name">): string =>
  `/api/prompts/${encodeURIComponent(prompt.language)}/${encodeURIComponent(prompt.name)}`;

export const listPrompts = (): Promise<Prompt[]> => get("/api/prompts");
export const promptAudio = (prompt: Pick<Prompt, "language" | "name">): Promise<ArrayBuffer> => bytes("GET", at(prompt));
export const deletePrompt = (prompt: Pick<Prompt, "language" | "name">): Promise<void> => remove(at(prompt));

/** Stores a sound in place of an older one; the server says what is wrong with a file that is none. */
export function putPrompt(language: string, name: string, file: Blob): Promise<Prompt> {
  const form = new FormData();
  form.set("name", name);
  form.set("language", language);
  form.set("file", file, "prompt");
  return upload("/api/prompts", form);
}

/** The text as a caller would hear it, as WAV. */
export const speak = (text: string, language: string): Promise<ArrayBuffer> => bytes("POST", "/api/speech/preview", { text, language });
