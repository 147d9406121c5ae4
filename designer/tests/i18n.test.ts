import { describe, expect, it } from "vitest";
import { allActions, GROUPS } from "../src/core/actions";
import { CATEGORIES } from "../src/core/nodeTypes";
import { dictionaries, isTextKey, translator } from "../src/i18n";

const { "en-US": en, "zh-CN": zh } = dictionaries;
const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).toSorted();

describe("dictionaries", () => {
  it("have the same keys, no empty text, and the same holes to fill", () => {
    expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const [key, text] of Object.entries(en)) {
      const chinese = zh[key as keyof typeof en];
      expect(text.trim(), key).not.toBe("");
      expect(chinese.trim(), key).not.toBe("");
      expect(holes(chinese), key).toEqual(holes(text));
    }
  });
  it("name every action, group and category", () => {
    const keys = [
      ...allActions().map((action) => `action.${action.id}`),
      ...GROUPS.map((group) => `group.${group}`),
      ...CATEGORIES.map((category) => `category.${category}`),
    ];
    expect(keys.filter((key) => !isTextKey(key))).toEqual([]);
  });
  it("fill holes, and leave what is not given", () => {
    const t = translator("en-US");
    expect(t("problems.summary", { errors: 2, warnings: 0 })).toBe("2 errors, 0 warnings");
    expect(t("problems.summary", { errors: 2 })).toBe("2 errors, {warnings} warnings");
  });
});
