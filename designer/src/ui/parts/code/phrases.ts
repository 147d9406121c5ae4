/** What CodeMirror itself says. English is its own language. */
import type { Language } from "../../settings";

export const PHRASES: Record<Language, Record<string, string>> = {
  "en-US": {},
  "zh-CN": {
    "Control character": "控制字符",
    "Selection deleted": "已删除所选内容",
    "Completions": "补全建议",
    "Diagnostics": "问题",
    "No diagnostics": "没有问题",
    "Fold line": "折叠",
    "Unfold line": "展开",
    "folded code": "已折叠的内容",
    "unfold": "展开",
    "to": "至",
    "Folded lines": "已折叠的行",
    "Unfolded lines": "已展开的行",
    "close": "关闭",
  },
};
