/** The kinds of records that an operator keeps, as data: their columns are their forms. */
import { ROLES } from "../../api/session";
import type { TextKey } from "../../i18n";

export type Stored = Readonly<Record<string, unknown>>;
export type ColumnKind = "text" | "number" | "skills" | "roles" | "password";

export interface Column {
  readonly name: string;
  readonly title: TextKey;
  readonly kind: ColumnKind;
  /** Only in the form, not in the table. */
  readonly formOnly?: boolean;
}

export interface RecordKind {
  readonly path: string;
  readonly key: string;
  readonly keyTitle: TextKey;
  readonly columns: readonly Column[];
  /** New records are posted to the list; otherwise they are put where they will be. */
  readonly posted?: boolean;
}

export const QUEUES: RecordKind = {
  path: "/api/queues",
  key: "id",
  keyTitle: "admin.id",
  columns: [
    { name: "skills", title: "admin.skills", kind: "skills" },
    { name: "priority", title: "admin.priority", kind: "number" },
    { name: "ring_time", title: "admin.ringTime", kind: "number" },
    { name: "wrap_up", title: "admin.wrapUp", kind: "number" },
    { name: "max_wait", title: "admin.maxWait", kind: "number" },
  ],
};

export const AGENTS: RecordKind = {
  path: "/api/agents",
  key: "id",
  keyTitle: "admin.id",
  columns: [
    { name: "name", title: "admin.name", kind: "text" },
    { name: "address", title: "admin.address", kind: "text" },
    { name: "skills", title: "admin.skills", kind: "skills" },
    { name: "password", title: "admin.password", kind: "password", formOnly: true },
  ],
};

export const USERS: RecordKind = {
  path: "/api/users",
  key: "name",
  keyTitle: "admin.user",
  posted: true,
  columns: [
    { name: "roles", title: "admin.roles", kind: "roles" },
    { name: "password", title: "admin.password", kind: "password", formOnly: true },
  ],
};

export const skillsText = (value: unknown): string =>
  Object.entries((value ?? {}) as Record<string, unknown>)
    .map(([skill, level]) => `${skill}=${String(level)}`)
    .join(", ");

/** `mandarin=3, english` → levels by skill; a skill without a level has level 1. */
export function readSkills(text: string): Record<string, number> {
  const skills: Record<string, number> = {};
  for (const part of text.split(/[,，]/)) {
    const [name = "", level = ""] = part.split("=").map((item) => item.trim());
    if (name) skills[name] = Math.max(1, Math.round(Number(level)) || 1);
  }
  return skills;
}

export { ROLES };
