import type { Flow, FlowEdge, FlowNode, LocalizedText } from "../src/core/flow";

const say = (en: string, zh: string): object[] => [{ kind: "text", text: { "en-US": en, "zh-CN": zh } }];
const text = (en: string, zh: string): LocalizedText => ({ "en-US": en, "zh-CN": zh });
const node = (id: string, type: string, title: string, x: number, y: number, fields: object = {}): FlowNode => ({
  id, type, title, position: { x, y }, fields: fields as FlowNode["fields"],
});

export const sampleFlow: Flow = {
  schema: 1,
  id: "hotline-12319",
  name: text("City hotline 12319", "12319 城市热线"),
  class: "hotline",
  languages: ["zh-CN", "en-US"],
  variables: [
    { name: "ticket", type: "string", initial: null, report: true, masked: false },
    { name: "status", type: "string", initial: null, report: false, masked: false },
  ],
  nodes: [
    node("start", "start", "", 0, 208),
    node("welcome", "play", "Welcome", 320, 192, { prompt: say("Welcome to the city hotline.", "您好，欢迎致电 12319 城市热线。"), bargein: true }),
    node("hours", "business_hours", "", 640, 160, { timezone: "Asia/Shanghai", week: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "08:30", to: "18:00" }], holidays: [], extra_days: [] }),
    node("main_menu", "menu", "Main menu", 960, 64, {
      prompt: say("For repairs press one, for complaints press two, for the state of your ticket press three, for an operator press zero.", "报修请按一，投诉请按二，工单查询请按三，人工服务请按零。"),
      choices: [
        { key: "1", label: text("Repairs", "报修") },
        { key: "2", label: text("Complaints", "投诉") },
        { key: "3", label: text("Ticket enquiry", "工单查询") },
        { key: "0", label: text("Operator", "人工") },
      ],
    }),
    node("repair_kind", "menu", "Kind of repair", 1312, -208, {
      prompt: say("Water one, gas two, roads three.", "供水请按一，燃气请按二，道路请按三。"),
      choices: [
        { key: "1", label: text("Water", "供水") },
        { key: "2", label: text("Gas", "燃气") },
        { key: "3", label: text("Roads", "道路") },
      ],
    }),
    node("ticket_number", "digits", "Ticket number", 1312, 144, { prompt: say("Enter your ticket number, then the hash key.", "请输入工单号，按井号键结束。"), variable: "ticket" }),
    node("look_up", "web_request", "Look up ticket", 1664, 144, { url: "http://127.0.0.1:9319/tickets/{ticket}", method: "GET" }),
    node("tell_status", "play", "State of the ticket", 2016, 112, { prompt: [{ kind: "text", text: text("Your ticket is", "您的工单状态为") }, { kind: "value", expr: "status", as: "text" }] }),
    node("operators", "queue", "Operators", 1664, -144, { queue: "repairs", prompt: say("Please hold the line.", "正在为您转接，请稍候。") }),
    node("message", "record", "Message out of hours", 960, 416, { prompt: say("We are closed. Please leave a message.", "现在是非工作时间，请留言。") }),
    node("bye", "hangup", "", 2368, 208),
  ],
  edges: [
    ["start", "next", "welcome"], ["welcome", "next", "hours"], ["hours", "open", "main_menu"], ["hours", "closed", "message"],
    ["main_menu", "1", "repair_kind"], ["main_menu", "2", "operators"], ["main_menu", "3", "ticket_number"], ["main_menu", "0", "operators"],
    ["main_menu", "noinput", "operators"], ["main_menu", "nomatch", "bye"],
    ["repair_kind", "1", "operators"], ["repair_kind", "2", "operators"], ["repair_kind", "3", "operators"],
    ["ticket_number", "next", "look_up"], ["look_up", "next", "tell_status"], ["look_up", "error", "operators"], ["look_up", "not_found", "ticket_number"],
    ["tell_status", "next", "bye"], ["operators", "next", "bye"], ["operators", "noanswer", "message"], ["message", "next", "bye"],
  ].map(([from = "", port = "", to = ""]): FlowEdge => ({ from, port, to })),
  notes: [{ id: "note", text: "Gas leaks go first: see the duty roster.\n燃气泄漏优先处理。", position: { x: 1312, y: -352 }, width: 224, height: 96 }],
};

/** A chain of menus as large as wanted, to measure with. */
export function largeFlow(size: number): Flow {
  const columns = 40;
  const nodes: FlowNode[] = [node("start", "start", "", 0, 0)];
  const edges: FlowEdge[] = [];
  for (let n = 1; n < size; n += 1) {
    const id = `menu_${n}`;
    nodes.push(
      node(id, "menu", `Menu ${n}`, 320 + (n % columns) * 320, Math.floor(n / columns) * 288, {
        prompt: say(`This is menu ${n}.`, `这是第 ${n} 个菜单。`),
        choices: [{ key: "1", label: text("On", "继续") }, { key: "2", label: text("Skip", "跳过") }],
      }),
    );
    edges.push({ from: n === 1 ? "start" : `menu_${n - 1}`, port: n === 1 ? "next" : "1", to: id });
    if (n > columns) edges.push({ from: `menu_${n - columns}`, port: "2", to: id });
  }
  return { ...sampleFlow, id: "large", name: { "en-US": `${size} nodes` }, nodes, edges, notes: [], variables: [] };
}
