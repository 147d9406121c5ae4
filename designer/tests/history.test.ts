import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Editor } from "../src/core/editor";
import { edgeKey } from "../src/core/flow";
import { paste } from "../src/core/clipboard";
import { type EditorHost, actionById, allActions, isEnabled } from "../src/core/actions";
import { goTo } from "../src/core/history";
import { type TestService, Testing } from "../src/core/testing";
import { newDebugging } from "./debugging";
import { choice, position, sample, types } from "./samples";

const noTests: TestService = {
  list: async () => ({ tests: [], tests_before_publish: false }),
  add: () => Promise.reject(new Error("no server")),
  change: () => Promise.reject(new Error("no server")),
  rename: () => Promise.reject(new Error("no server")),
  remove: async () => undefined,
  setBeforePublish: async () => undefined,
  run: async () => undefined,
  propose: async () => [],
};

function newEditor(): { editor: Editor; host: EditorHost } {
  let clipboard = "";
  let time = 0;
  const ignore = (): void => undefined;
  const editor = new Editor({ flow: sample, revision: "1", published: null, types, now: () => (time += 400) });
  const host: EditorHost = {
    save: ignore,
    publish: ignore,
    exportFlow: ignore,
    importFlow: ignore,
    openPrompts: ignore,
    showPanel: ignore,
    compareVersions: ignore,
    editOnCard: ignore,
    simulate: ignore,
    openPalette: ignore,
    showKeys: ignore,
    fit: ignore,
    zoom: ignore,
    toggle: ignore,
    // A stand-in that puts the nodes in a row: what is tested is that the edit is undone, not the layout.
    layoutEngine: async (graph) => ({
      ...graph,
      children: (graph.children ?? []).map((node, index) => ({ ...node, x: index * 300, y: 16 })),
    }),
    writeClipboard: (text) => {
      clipboard = text;
    },
    readClipboard: async () => clipboard,
    pointer: () => ({ x: 500, y: 500 }),
    testing: new Testing(noTests, () => sample, ignore),
    debugging: newDebugging(editor),
  };
  return { editor, host };
}

type Move = (editor: Editor, host: EditorHost) => void | Promise<void>;

const anyNode = (editor: Editor, n: number): string => editor.flow.nodes[n % editor.flow.nodes.length]?.id ?? "start";

/** Any registered action, and any direct manipulation of the canvas and the panel. */
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom(...allActions().map((action) => action.id)).map(
    (id): Move =>
      (editor, host) => {
        const context = { editor, host };
        return isEnabled(actionById(id), context) ? actionById(id).run(context) : undefined;
      },
  ),
  fc.array(fc.nat(20), { maxLength: 4 }).map(
    (picks): Move =>
      (editor) =>
        editor.select({
          nodes: [...new Set(picks.map((n) => anyNode(editor, n)))],
          edges: editor.flow.edges.slice(0, picks[0] ?? 0).map(edgeKey).slice(0, 1),
          notes: editor.flow.notes.slice(0, 1).map((note) => note.id),
        }),
  ),
  fc.tuple(fc.constantFrom("menu", "play", "hangup"), position, fc.nat(20)).map(
    ([type, at, n]): Move =>
      (editor) => {
        const into = editor.flow.edges[n % Math.max(1, editor.flow.edges.length)];
        editor.addNode(type, at, n % 2 && into ? { into: edgeKey(into) } : {});
      },
  ),
  fc.tuple(fc.nat(20), fc.nat(20), fc.constantFrom("next", "1", "2", "noinput", "constructor")).map(
    ([from, to, port]): Move =>
      (editor) =>
        void editor.connect(anyNode(editor, from), port, anyNode(editor, to)),
  ),
  fc.tuple(fc.nat(20), fc.array(fc.constantFrom("1", "2", "3", "#"), { maxLength: 4 })).map(
    ([n, keys]): Move =>
      (editor) =>
        editor.setField(anyNode(editor, n), "choices", keys.map(choice)),
  ),
  fc.tuple(fc.nat(20), fc.string()).map(
    ([n, title]): Move =>
      (editor) =>
        editor.edit({ kind: "node.title", id: anyNode(editor, n), title }, "step.title", "title"),
  ),
  fc.tuple(fc.nat(20), fc.constantFrom("x", "constructor", "toString", "main", "start")).map(
    ([n, to]): Move =>
      (editor) =>
        editor.rename(anyNode(editor, n), to),
  ),
  fc.constant<Move>((editor) => editor.undo()),
  fc.constant<Move>((editor) => editor.redo()),
);

describe("undo", () => {
  it("brings back the flow from any walk through all actions, and redo brings back the end of the walk", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 30 }), async (moves) => {
        const { editor, host } = newEditor();
        const before = structuredClone(editor.flow);
        for (const step of moves) await step(editor, host);
        const after = structuredClone(editor.flow);
        const steps = editor.state.history.past.length;
        editor.goTo(0);
        expect(editor.flow).toEqual(before);
        expect(editor.dirty).toBe(false);
        editor.goTo(steps);
        expect(editor.flow).toEqual(after);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the graph whole on any walk: ids once, one start, edges between nodes, one edge a port", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 30 }), async (moves) => {
        const { editor, host } = newEditor();
        for (const step of moves) await step(editor, host);
        const { nodes, edges } = editor.flow;
        const ids = new Set(nodes.map((node) => node.id));
        expect(ids.size).toBe(nodes.length);
        expect(nodes.filter((node) => node.type === "start")).toHaveLength(1);
        expect(edges.every((edge) => ids.has(edge.from) && ids.has(edge.to))).toBe(true);
        expect(new Set(edges.map(edgeKey)).size).toBe(edges.length);
        const { selection } = editor.state;
        expect(selection.nodes.every((id) => ids.has(id))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("makes one step of quick typing and two of slow", () => {
    const times = [0, 500, 900, 5000];
    const editor = new Editor({ flow: sample, revision: "1", published: null, types, now: () => times.shift() ?? 0 });
    for (const title of ["M", "Ma", "Mai"]) editor.edit({ kind: "node.title", id: "main", title }, "step.title", "t");
    expect(editor.state.history.past).toHaveLength(1);
    editor.edit({ kind: "node.title", id: "main", title: "Main" }, "step.title", "t");
    expect(editor.state.history.past).toHaveLength(2);
    expect(goTo(editor.state.history, 0).flow).toEqual(sample);
  });
});

describe("editor", () => {
  it("puts a node dropped on an edge between its ends", () => {
    const { editor } = newEditor();
    const id = editor.addNode("play", { x: 0, y: 0 }, { into: "start|next" });
    expect(editor.flow.edges).toContainEqual({ from: "start", port: "next", to: id });
    expect(editor.flow.edges).toContainEqual({ from: id, port: "next", to: "main" });
  });

  it("lets an edge follow the choice whose key changes, and drops it with the choice", () => {
    const { editor } = newEditor();
    editor.setField("main", "choices", [choice("5"), choice("2")]);
    expect(editor.flow.edges).toContainEqual({ from: "main", port: "5", to: "bye" });
    editor.setField("main", "choices", [choice("2")]);
    expect(editor.flow.edges.filter((edge) => edge.from === "main").map((edge) => edge.port)).toEqual(["noinput"]);
  });

  it("keeps edges when choices change places", () => {
    const { editor } = newEditor();
    editor.setField("main", "choices", [choice("2"), choice("1")]);
    expect(editor.flow.edges).toEqual(sample.edges);
  });

  it("does not lead an edge to the start, and does not delete the start", () => {
    const { editor } = newEditor();
    expect(editor.connect("main", "2", "start")).toBe(false);
    editor.select({ nodes: ["start"] });
    editor.removeSelected();
    expect(editor.flow).toBe(sample);
  });

  it("copies between flows through text under fresh ids with the inner edges", async () => {
    const { editor, host } = newEditor();
    editor.select({ nodes: ["main", "bye", "start"] });
    await actionById("edit.copy").run({ editor, host });
    await actionById("edit.paste").run({ editor, host });
    expect(editor.state.selection.nodes).toEqual(["main_2", "bye_2"]);
    expect(editor.flow.edges).toContainEqual({ from: "main_2", port: "1", to: "bye_2" });
    expect(editor.flow.nodes.filter((node) => node.type === "start")).toHaveLength(1);
    const again = paste(editor.flow, { format: "vxmlplat/clip", schema: 1, nodes: sample.nodes.slice(1, 2), edges: [], notes: [] });
    expect(again.nodes).toEqual(["main_3"]);
  });
});
