import {
  Ban, Binary, Braces, CalendarClock, CircleDot, CircleHelp, ClipboardList, Clock, CornerDownLeft, Database, FileCode2, FileSymlink,
  GitBranch, Globe, Grid3x3, Hash, Headset, Languages, ListTree, Mail, MessageSquare, Mic, Percent, Phone, PhoneCall,
  PhoneForwarded, PhoneIncoming, PhoneOff, Play, Quote, Repeat, Star, TriangleAlert, UserRound, Users, Variable, Voicemail, Volume2,
  Workflow,
  type LucideIcon,
} from "lucide-react";
import type { Category, NodeType } from "../../core/nodeTypes";

/** Icons by the name that a node type asks for. */
const ICONS: Record<string, LucideIcon> = {
  start: PhoneIncoming, play: Volume2, prompt: Volume2, speaker: Volume2, say: Quote, menu: Grid3x3, keypad: Grid3x3,
  "auto-menu": ListTree, digits: Hash, hash: Hash, collect: Hash, ask: Mic, condition: GitBranch, branch: GitBranch, split: Percent,
  variables: Variable, variable: Variable, set: Variable, code: Braces, script: Braces, "web-request": Globe, web: Globe, globe: Globe, cloud: Globe,
  database: Database, hours: CalendarClock, calendar: CalendarClock, "business-hours": CalendarClock, clock: Clock, wait: Clock,
  record: Voicemail, mic: Mic, microphone: Mic, voicemail: Voicemail, queue: Headset, agent: Headset, headset: Headset, transfer: PhoneForwarded,
  "sub-flow": Workflow, subflow: Workflow, flow: Workflow, workflow: Workflow, return: CornerDownLeft, hangup: PhoneOff, "hang-up": PhoneOff,
  "phone-off": PhoneOff, phone: Phone, "phone-forward": PhoneForwarded, sms: MessageSquare, message: MessageSquare, mail: Mail, email: Mail,
  language: Languages, languages: Languages, percent: Percent, loop: Repeat, repeat: Repeat, survey: Star, star: Star, callback: PhoneCall,
  error: TriangleAlert, warning: TriangleAlert, list: ClipboardList, blacklist: Ban, vip: Star, caller: UserRound, users: Users,
  page: FileSymlink, vxml: FileCode2, document: FileCode2, number: Binary,
};

const BY_CATEGORY: Record<Category, LucideIcon> = {
  start: PhoneIncoming,
  interaction: Play,
  logic: GitBranch,
  integration: Globe,
  routing: PhoneForwarded,
  end: PhoneOff,
};

export function iconOf(type: NodeType | undefined): LucideIcon {
  const named = type && Object.hasOwn(ICONS, type.icon) ? ICONS[type.icon] : undefined;
  return named ?? (type ? (BY_CATEGORY[type.category] ?? CircleDot) : CircleHelp);
}

export function NodeIcon({ type, size = 15 }: { type: NodeType | undefined; size?: number }) {
  const Found = iconOf(type);
  return <Found size={size} aria-hidden />;
}

export const categoryStyle = (category: Category | undefined): Record<string, string> => ({
  "--tone": `var(--${category ?? "end"})`,
  "--tone-soft": `var(--${category ?? "end"}-soft)`,
});
