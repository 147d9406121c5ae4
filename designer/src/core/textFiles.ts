/** Files of text in whatever encoding they say they are in. */

const DECLARED = /^(?:\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["'])/;

/** The text of a file: by its byte order mark, by its XML declaration, else UTF-8. Throws a RangeError for an encoding nobody knows. */
export function decodeText(bytes: Uint8Array): string {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder("utf-8").decode(bytes);
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const declared = DECLARED.exec(head)?.[1] ?? "utf-8";
  return new TextDecoder(declared).decode(bytes);
}

export type TextKind = "flow" | "voicexml" | "unknown";

/** What a text probably is. */
export function kindOfText(text: string): TextKind {
  const start = text.replace(/^\ufeff/, "").trimStart();
  if (start.startsWith("{")) return "flow";
  return start.startsWith("<") ? "voicexml" : "unknown";
}

/** Whether a VoiceXML document names an application root (VoiceXML 2.0 §1.5.2). */
export const namesRoot = (text: string): boolean => /<vxml\b[^>]*\sapplication\s*=/.test(text.replace(/<!--[\s\S]*?-->/g, ""));
