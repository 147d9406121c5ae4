import { type EditorHost, type Panel, register } from "./registry";

register({ id: "flow.save", group: "flow", keys: ["Mod+S"], whileTyping: true, run: ({ host }) => host.save() });
register({ id: "flow.publish", group: "flow", keys: ["Mod+Shift+P"], run: ({ host }) => host.publish() });
register({ id: "flow.simulate", group: "flow", keys: ["Mod+Enter"], whileTyping: true, run: ({ host }) => host.simulate() });
register({ id: "flow.export", group: "flow", run: ({ host }) => host.exportFlow() });
register({ id: "flow.import", group: "flow", run: ({ host }) => host.importFlow() });
register({ id: "flow.compare", group: "flow", keys: ["Shift+V"], enabled: ({ editor }) => editor.state.published !== null, run: ({ host }) => host.compareVersions() });
register({ id: "flow.prompts", group: "flow", keys: ["Shift+P"], run: ({ host }) => host.openPrompts() });

register({ id: "view.search", group: "view", keys: ["Mod+K", "/"], whileTyping: true, run: ({ host }) => host.openPalette() });
register({ id: "view.keys", group: "view", keys: ["?"], run: ({ host }) => host.showKeys() });
register({ id: "view.fit", group: "view", keys: ["Shift+F", "1"], run: ({ host }) => host.fit() });
register({
  id: "view.fitSelection",
  group: "view",
  keys: ["F"],
  enabled: ({ editor }) => editor.state.selection.nodes.length > 0,
  run: ({ editor, host }) => host.fit(editor.state.selection.nodes),
});

const ZOOMS = { in: ["Mod+=", "+", "="], out: ["Mod+-", "-"], actual: ["Mod+0", "0"] } as const;
for (const [how, keys] of Object.entries(ZOOMS) as [keyof typeof ZOOMS, readonly string[]][]) {
  register({ id: `view.zoom.${how}`, group: "view", keys, run: ({ host }) => host.zoom(how) });
}

const TOGGLES: Record<Parameters<EditorHost["toggle"]>[0], string[]> = {
  minimap: ["M"],
  palette: ["P"],
  grid: [],
  theme: [],
};
for (const [what, keys] of Object.entries(TOGGLES) as [keyof typeof TOGGLES, string[]][]) {
  register({ id: `view.toggle.${what}`, group: "view", keys, run: ({ host }) => host.toggle(what) });
}

const PANELS: Record<Panel, string> = {
  properties: "1",
  flow: "2",
  simulator: "3",
  problems: "4",
  versions: "5",
  history: "6",
  tests: "7",
};
for (const [panel, key] of Object.entries(PANELS) as [Panel, string][]) {
  register({ id: `panel.${panel}`, group: "panel", keys: [`Alt+${key}`], run: ({ host }) => host.showPanel(panel) });
}
