/** The reader's language and light or dark, kept in the browser. */
import { create } from "zustand";

export const LANGUAGES = ["en-US", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Theme = "system" | "light" | "dark";

const LANGUAGE_KEY = "vxmlplat.language";
const THEME_KEY = "vxmlplat.theme";

const remembered = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage is forbidden: the browser's own settings hold.
  }
};
const remember = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice then holds for this page only.
  }
};

function firstLanguage(): Language {
  const wanted = remembered(LANGUAGE_KEY) ?? navigator.language;
  return wanted.toLowerCase().startsWith("zh") ? "zh-CN" : "en-US";
}

interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  setLanguage(language: Language): void;
  setTheme(theme: Theme): void;
}

export const useSettings = create<Settings>()((set) => ({
  language: firstLanguage(),
  theme: (remembered(THEME_KEY) as Theme | null) ?? "system",
  setLanguage: (language) => {
    remember(LANGUAGE_KEY, language);
    set({ language });
  },
  setTheme: (theme) => {
    remember(THEME_KEY, theme);
    set({ theme });
  },
}));

const darkMedia = matchMedia("(prefers-color-scheme: dark)");
export const isDark = (theme: Theme): boolean => (theme === "system" ? darkMedia.matches : theme === "dark");

/** Puts language and theme on the page and keeps them there. */
export function applySettings(): void {
  const apply = (): void => {
    const { language, theme } = useSettings.getState();
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = isDark(theme) ? "dark" : "light";
  };
  apply();
  useSettings.subscribe(apply);
  darkMedia.addEventListener("change", apply);
}
