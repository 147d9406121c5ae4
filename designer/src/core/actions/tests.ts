import { freeName, newTestText, storedResults } from "../testing";
import { type Action, register } from "./registry";

/** Whatever is done with tests is seen in their panel. */
const inPanel = (action: Omit<Action, "group">): Action =>
  register({
    ...action,
    group: "tests",
    run: (context) => {
      context.host.showPanel("tests");
      return action.run(context);
    },
  });

inPanel({ id: "tests.runAll", keys: ["Mod+Shift+Enter"], enabled: ({ host }) => !host.testing.busy, run: ({ host }) => host.testing.runAll() });
inPanel({
  id: "tests.runFailed",
  enabled: ({ host }) => !host.testing.busy && storedResults(host.testing.state).some((result) => !result.passed),
  run: ({ host }) => host.testing.runFailed(),
});
inPanel({ id: "tests.cancel", enabled: ({ host }) => host.testing.busy, run: ({ host }) => host.testing.cancel() });
inPanel({
  id: "tests.new",
  keys: ["Shift+T"],
  run: ({ editor, host: { testing } }) => {
    const name = freeName(editor.flow.id, new Set(testing.state.tests?.map((test) => test.name)));
    testing.edit({ test: { name, text: newTestText(editor.flow, name) }, stored: null });
  },
});
inPanel({ id: "tests.coverage", keys: ["Shift+C"], run: ({ host }) => host.testing.show("coverage") });
inPanel({ id: "tests.propose", enabled: ({ host }) => !host.testing.busy, run: ({ host }) => host.testing.propose() });
register({ id: "tests.draw", group: "tests", keys: ["Shift+D"], run: ({ host: { testing } }) => testing.draw(!testing.state.drawn) });
