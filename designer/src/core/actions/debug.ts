import type { ActionContext } from "./registry";
import { register } from "./registry";

const chosen = ({ editor }: ActionContext): string | undefined => editor.state.selection.nodes.at(-1);

register({
  id: "debug.breakpoint",
  group: "debug",
  keys: ["F9"],
  whileTyping: true,
  enabled: (context) => chosen(context) !== undefined,
  run: ({ editor, host }) => editor.state.selection.nodes.forEach((node) => host.debugging.breakpoints.toggle(node)),
});
register({
  id: "debug.runTo",
  group: "debug",
  keys: ["Shift+F9"],
  whileTyping: true,
  enabled: (context) => context.host.debugging.running && chosen(context) !== undefined,
  run: (context) => context.host.debugging.runTo(chosen(context) ?? ""),
});
register({
  id: "debug.pause",
  group: "debug",
  keys: ["F8"],
  whileTyping: true,
  enabled: ({ host }) => host.debugging.running,
  run: ({ host }) => host.debugging.pauseOrContinue(),
});
register({
  id: "debug.step",
  group: "debug",
  keys: ["F10"],
  whileTyping: true,
  enabled: ({ host }) => host.debugging.running,
  run: ({ host }) => host.debugging.step(),
});
register({
  id: "debug.back",
  group: "debug",
  keys: ["Shift+F10"],
  whileTyping: true,
  enabled: ({ host }) => host.debugging.canGoBack,
  run: ({ host }) => host.debugging.back(),
});
register({
  id: "debug.clearBreakpoints",
  group: "debug",
  enabled: ({ host }) => host.debugging.breakpoints.store.getState().length > 0,
  run: ({ host }) => host.debugging.breakpoints.clear(),
});
register({
  id: "debug.clearPath",
  group: "debug",
  enabled: ({ host }) => host.debugging.state.simulation.state !== "idle",
  run: ({ host }) => host.debugging.clear(),
});
