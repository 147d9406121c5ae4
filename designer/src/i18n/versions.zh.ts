/** 画布、叠加标记、版本、版本差异与协作者的文字。 */
import type { versionsEn } from "./versions.en";

export const versionsZh: Readonly<Record<keyof typeof versionsEn, string>> = {
  "overlay.current": "来电者在此",
  "overlay.passed": "已经过",
  "overlay.missed": "从未到达",
  "overlay.failed": "失败",
  "overlay.added": "新增",
  "overlay.removed": "删除",
  "overlay.changed": "修改",
  "overlay.moved": "移动",
  "overlay.breakpoint": "断点",
  "overlay.person": "他人正在此处",
};
