/** Who is signed in, and what they may do. */
import { get, post, remove } from "./client";

export const ROLES = ["agent", "analyst", "author", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

export interface Session {
  readonly user: string;
  readonly roles: readonly Role[];
  readonly language?: string | null;
}

export const whoAmI = (): Promise<Session> => get("/api/session");
export const signIn = (user: string, password: string): Promise<Session> => post("/api/session", { user, password });
export const signOut = (): Promise<void> => remove("/api/session");

/** What a role holds besides itself, as the server has it. */
const HOLDS: Record<Role, readonly Role[]> = {
  agent: [],
  analyst: [],
  author: ["analyst"],
  operator: ["author", "analyst", "agent"],
  admin: ROLES,
};

export const may = (session: Session, role: Role): boolean =>
  session.roles.some((own) => own === role || (HOLDS[own] ?? []).includes(role));
