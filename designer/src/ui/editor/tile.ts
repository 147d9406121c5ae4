/** Seen from far away, words cannot be read: cards become coloured tiles, which are drawn quickly. */
import { createContext } from "react";

/** Whether cards are tiles now. A context, as cards that each watch the canvas would make it slow. */
export const TileContext = createContext(false);
