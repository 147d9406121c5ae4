import type { messagesEn } from "./messages.en";

export const messagesZh: Record<keyof typeof messagesEn, string> = {
  "admin.messages": "短信与邮件",
  "admin.messagesLead": "流程发出的短信和邮件。发送失败的会在一天内自动重试；网关在平台配置中设置（messages.sms、messages.email）。",
  "messages.none": "还没有流程发过消息。",
  "messages.created": "创建时间",
  "messages.kind": "类型",
  "messages.sms": "短信",
  "messages.email": "邮件",
  "messages.recipient": "收件人",
  "messages.state": "状态",
  "messages.waiting": "等待发送",
  "messages.sent": "已发送",
  "messages.given_up": "已放弃",
  "messages.tries": "尝试次数",
  "messages.error": "最近的问题",
  "messages.again": "重新发送：{recipient}",
  "messages.waitsAgain": "该消息将重新发送。",
};
