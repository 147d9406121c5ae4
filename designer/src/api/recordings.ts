/** What was recorded of calls. */
import type { CallRecording } from "../core/replay";
import { address, get } from "./client";

export const recordingsOf = (call: string): Promise<CallRecording[]> => get(address("/api/recordings", { call }));

/** Where the sound is; each listening is in the audit trail. */
export const recordingAddress = (id: string): string => `/api/recordings/${encodeURIComponent(id)}`;
