/** CodeMirror as the fields of this application use it. Loaded on demand: nothing else imports CodeMirror. */
import { type CompletionContext, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, type Extension, type Text, Transaction } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import type { Completions } from "../../../core/expressions";
import type { Language } from "../../settings";
import type { CodeLanguage, CodeProblem } from "../CodeEditor";
import { PHRASES } from "./phrases";
import { colours, look } from "./theme";

const GRAMMARS: Record<CodeLanguage, () => Promise<Extension>> = {
  expression: async () => (await import("@codemirror/lang-javascript")).javascriptLanguage,
  sql: async () => {
    const { StandardSQL, sql } = await import("@codemirror/lang-sql");
    return sql({ dialect: StandardSQL, upperCaseKeywords: true });
  },
  yaml: async () => (await import("@codemirror/lang-yaml")).yaml(),
  xml: async () => (await import("@codemirror/lang-xml")).xml(),
};

export interface MirrorOptions {
  readonly language: CodeLanguage;
  readonly single: boolean;
  readonly readOnly: boolean;
  readonly reader: Language;
  readonly text: string;
  onChange(text: string): void;
  complete(text: string, position: number, asked: boolean): Completions | null;
}

export interface Description {
  readonly id: string | undefined;
  readonly label: string;
  readonly invalid: boolean;
  readonly describedBy: string | undefined;
  readonly placeholder: string | undefined;
}

export interface Mirror {
  putInto(place: HTMLElement): void;
  describe(description: Description): void;
  setText(text: string): void;
  setProblems(problems: readonly CodeProblem[]): void;
  destroy(): void;
}

/** Marks what came from outside, so that it is not reported as typed. */
const given = Annotation.define<boolean>();

/**
 * The document as CodeMirror is to see it: without a head it adopts its style sheet as an object, which the page's
 * Content-Security-Policy allows, where it would write a `<style>` into the head, which it does not.
 */
const root = new Proxy(document, {
  get: (target, name) => {
    if (name === "head") return undefined;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? (value.bind(target) as unknown) : value;
  },
  set: (target, name, value) => Reflect.set(target, name, value, target),
});

/** Pasted lines become one. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  const before = transaction.newDoc.sliceString(0, transaction.newSelection.main.head).replace(/\s*\n\s*/g, " ");
  const length = transaction.startState.doc.length;
  return { changes: { from: 0, to: length, insert: text }, selection: { anchor: Math.min(before.length, text.length) } };
});

/** `drawSelection` hides the browser's own cursor; a single line does without it. */
function frame({ single, readOnly }: MirrorOptions): Extension {
  if (single) return [oneLine, EditorView.lineWrapping];
  return [lineNumbers(), foldGutter(), readOnly ? [] : drawSelection(), EditorView.lineWrapping];
}

export async function createMirror(options: MirrorOptions): Promise<Mirror> {
  const grammar = await GRAMMARS[options.language]();
  const described = new Compartment();
  const complete = (context: CompletionContext) => {
    const found = options.complete(context.state.doc.toString(), context.pos, context.explicit);
    return found && { from: found.from, options: [...found.options], validFor: /^[\w$]*$/ };
  };
  const typing: Extension = options.readOnly
    ? [EditorState.readOnly.of(true), EditorView.editable.of(false)]
    : [
        history(),
        closeBrackets(),
        autocompletion({ override: options.language === "expression" ? [complete] : null, icons: false }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || update.transactions.some((one) => one.annotation(given))) return;
          options.onChange(update.state.doc.toString());
        }),
      ];
  const view = new EditorView({
    root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        EditorState.phrases.of(PHRASES[options.reader]),
        grammar,
        syntaxHighlighting(colours),
        bracketMatching(),
        look,
        frame(options),
        typing,
        described.of([]),
        // Tab is no key of ours: it leaves the field.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, ...standardKeymap]),
      ],
    }),
  });
  return {
    putInto: (place) => {
      const plain = place.parentElement?.querySelector("textarea");
      const focused = plain && plain === document.activeElement;
      place.append(view.dom);
      if (!focused) return;
      view.focus();
      view.dispatch({ selection: { anchor: Math.min(plain.selectionEnd, view.state.doc.length) } });
    },
    describe: ({ id, label, invalid, describedBy, placeholder }) => {
      const attributes: Record<string, string> = {
        "aria-label": label,
        "aria-invalid": String(invalid),
        ...(id ? { id } : {}),
        ...(describedBy ? { "aria-describedby": describedBy } : {}),
        ...(options.readOnly ? { "aria-readonly": "true", tabindex: "0" } : {}),
        ...(options.single ? { "aria-multiline": "false" } : {}),
      };
      view.dispatch({ effects: described.reconfigure([EditorView.contentAttributes.of(attributes), placeholder ? placeholderText(placeholder) : []]) });
    },
    setText: (text) => {
      const now = view.state.doc.toString();
      if (text === now) return;
      const change = difference(now, text);
      view.dispatch({ changes: change, annotations: [given.of(true), Transaction.addToHistory.of(false)] });
    },
    setProblems: (problems) => {
      view.dispatch(setDiagnostics(view.state, problems.map((problem) => diagnostic(view.state.doc, problem))));
    },
    destroy: () => view.destroy(),
  };
}

/** The part that differs, so that the cursor stays where it was. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let same = 0;
  while (same < before.length - from && same < after.length - from && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

function diagnostic(doc: Text, problem: CodeProblem): Diagnostic {
  const line = doc.line(Math.max(1, Math.min(problem.line, doc.lines)));
  const from = problem.column === undefined ? line.from : Math.min(line.from + problem.column - 1, line.to);
  const word = /^[\w$]*/.exec(doc.sliceString(from, line.to))?.[0].length ?? 0;
  const length = problem.length ?? (problem.column === undefined ? line.length : Math.max(1, word));
  return {
    from,
    to: Math.min(from + length, doc.length),
    severity: problem.severity,
    message: problem.message,
    actions: (problem.fixes ?? []).map((fix) => ({ name: fix.title, apply: () => fix.run() })),
  };
}
