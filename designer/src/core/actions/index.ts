/** Importing this module registers all actions. */
import "./edit";
import "./select";
import "./arrange";
import "./page";
import "./debug";
import "./tests";
import "./templates";

export * from "./registry";
