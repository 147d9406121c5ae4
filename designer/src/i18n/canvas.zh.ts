import type { canvasEn } from "./canvas.en";

export const canvasZh: Readonly<Record<keyof typeof canvasEn, string>> = {
  "action.edit.onCard": "在卡片上编辑",
  "action.flow.compare": "将草稿与线上版本对比",
  "canvas.nodes": "流程中的节点",
  "canvas.edge": "“{from}”的“{port}”通往“{to}”",
  "card.add": "添加选项",
  "card.down": "下移“{choice}”",
  "card.inPanel": "由多段组成，请在属性面板中编辑",
  "card.key": "“{choice}”的按键",
  "card.label": "按键 {key} 的名称",
  "card.more": "更多",
  "card.more.noinput": "无输入时",
  "card.more.nomatch": "按错时",
  "card.more.help": "求助时",
  "card.more.helpKey": "求助键",
  "card.remove": "删除“{choice}”",
  "card.tries": "次",
  "card.up": "上移“{choice}”",
  "prompt.addPiece": "添加：{kind}",
};
