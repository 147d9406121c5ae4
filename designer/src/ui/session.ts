import { create } from "zustand";
import { ApiError, onSignedOut } from "../api/client";
import { type Session, signIn, signOut, whoAmI } from "../api/session";

interface SessionState {
  /** undefined: not known yet; null: nobody. */
  readonly session: Session | null | undefined;
  /** The server did not answer. */
  readonly unreachable: boolean;
  load(): Promise<void>;
  enter(user: string, password: string): Promise<void>;
  leave(): Promise<void>;
}

export const useSession = create<SessionState>()((set) => ({
  session: undefined,
  unreachable: false,
  load: async () => {
    try {
      const session = await whoAmI();
      set({ session: session?.user ? session : null, unreachable: false });
    } catch (error) {
      set({ session: null, unreachable: error instanceof ApiError && error.offline });
    }
  },
  enter: async (user, password) => {
    const answer = await signIn(user, password);
    set({ session: answer?.user ? answer : await whoAmI(), unreachable: false });
  },
  leave: async () => {
    await signOut();
    set({ session: null });
  },
}));

onSignedOut(() => useSession.setState({ session: null }));
