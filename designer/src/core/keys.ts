/** Key bindings as text (`Mod+Shift+Z`): Mod is Command on a Mac, Control elsewhere. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

export interface Binding {
  readonly mod: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly key: string;
}

export function parseBinding(text: string): Binding {
  const parts = text.split("+");
  const key = text.endsWith("++") ? "+" : (parts.at(-1) ?? "");
  return { mod: parts.includes("Mod"), shift: parts.includes("Shift"), alt: parts.includes("Alt"), key: key.toLowerCase() };
}

export const isFunctionKey = (binding: Binding): boolean => /^f\d{1,2}$/.test(binding.key);

export function matches(binding: Binding, press: KeyPress, mac: boolean): boolean {
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  // A sign that needs Shift on some keyboards ("?", "+") is named by itself; Shift is then no part of the binding.
  const shifted = binding.key.length === 1 && !/[a-z0-9]/.test(binding.key);
  return (
    press.key.toLowerCase() === binding.key &&
    mod === binding.mod &&
    !other &&
    press.altKey === binding.alt &&
    (shifted || press.shiftKey === binding.shift)
  );
}

const MAC_SIGNS: Record<string, string> = { Mod: "⌘", Shift: "⇧", Alt: "⌥" };
const PC_SIGNS: Record<string, string> = { Mod: "Ctrl", Shift: "Shift", Alt: "Alt" };
const KEY_SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del" };

export function showBinding(text: string, mac: boolean): string {
  const parts = text.endsWith("++") ? [...text.slice(0, -2).split("+"), "+"] : text.split("+");
  return parts.map((part) => (mac ? MAC_SIGNS : PC_SIGNS)[part] ?? KEY_SIGNS[part] ?? part).join(mac ? "" : "+");
}
