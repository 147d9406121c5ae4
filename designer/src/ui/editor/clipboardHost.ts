/** The system's clipboard, within a copy or paste event where there is one (no permission is needed then). */
import type { EditorHost } from "../../core/actions";

const KEY = "vxmlplat.clip";

export class BrowserClipboard implements Pick<EditorHost, "writeClipboard" | "readClipboard"> {
  #event: ClipboardEvent | null = null;

  /** Runs something while a clipboard event lasts. */
  during(event: ClipboardEvent, run: () => void): void {
    this.#event = event;
    run();
    this.#event = null;
  }

  writeClipboard = (text: string): void => {
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // The clipboard itself still has it.
    }
    if (this.#event?.clipboardData) {
      this.#event.clipboardData.setData("text/plain", text);
      this.#event.preventDefault();
    } else void navigator.clipboard?.writeText(text).catch(() => undefined);
  };

  readClipboard = async (): Promise<string> => {
    const given = this.#event?.clipboardData?.getData("text/plain");
    if (given) return given;
    try {
      return await navigator.clipboard.readText();
    } catch {
      return localStorage.getItem(KEY) ?? ""; // Reading needs a permission and a secure page.
    }
  };
}
