/** Files out of and into the browser. */
import { decodeText } from "../core/textFiles";

/** Asks for one file and reads it as text, in the encoding that it says it is in; null when none was chosen. */
export function pickFile(accept: string): Promise<string | null> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.hidden = true;
    input.addEventListener("change", () => {
      input.remove();
      const [file] = input.files ?? [];
      if (file)
        file
          .arrayBuffer()
          .then((bytes) => decodeText(new Uint8Array(bytes)))
          .catch(() => file.text())
          .then(resolve, () => resolve(null));
      else resolve(null);
    });
    input.addEventListener("cancel", () => {
      input.remove();
      resolve(null);
    });
    // In no document it could be collected as garbage while the person chooses, and the choice with it.
    document.body.append(input);
    input.click();
  });
}

export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
