/** Expressions while they are typed: what could stand at a place of the text. */
import type { Variable } from "./flow";

export interface Completion {
  readonly label: string;
  readonly type: "variable" | "property" | "function" | "constant" | "keyword";
  /** Its type, or what it is, in a word or two. */
  readonly detail?: string;
  readonly info?: string;
  /** What is put in, when that is not the label. */
  readonly apply?: string;
}

export interface Completions {
  /** Where the word begins that they complete. */
  readonly from: number;
  readonly options: readonly Completion[];
}

/** What an author can be told of a name; the texts are looked up by whoever shows them. */
export type Say = (key: string) => string;

type Kind = "string" | "number" | "boolean" | "object" | "function" | "unknown";

/** A name that can be read, and what is in it. */
interface Known {
  readonly kind: Kind;
  /** A key of the texts that says what it is. */
  readonly says?: string;
  readonly members?: Readonly<Record<string, Known>>;
}

const fn = (says?: string): Known => ({ kind: "function", ...(says ? { says } : {}) });
const functions = (...names: string[]): Record<string, Known> => Object.fromEntries(names.map((name) => [name, fn()]));

const STRING: Record<string, Known> = {
  length: { kind: "number" },
  ...functions("charAt", "concat", "endsWith", "includes", "indexOf", "lastIndexOf", "match", "padEnd", "padStart", "repeat", "replace", "search", "slice", "split", "startsWith", "substring", "toLowerCase", "toUpperCase", "trim"),
};
const NUMBER: Record<string, Known> = functions("toFixed", "toString");
const LIST: Record<string, Known> = { length: { kind: "number" }, ...functions("concat", "filter", "find", "includes", "indexOf", "join", "map", "slice", "some") };
const MEMBERS: Partial<Record<Kind, Readonly<Record<string, Known>>>> = { string: STRING, number: NUMBER };

const party = (says: string): Known => ({ kind: "object", says, members: { uri: { kind: "string", says: `${says}.uri` } } });

/** VoiceXML's session variables (VoiceXML 2.0 §5.1.4) and what a flow's documents keep in the application. */
const PLATFORM: Readonly<Record<string, Known>> = {
  lang: { kind: "string", says: "expression.lang" },
  session: {
    kind: "object",
    says: "expression.session",
    members: {
      sessionid: { kind: "string", says: "expression.sessionid" },
      connection: {
        kind: "object",
        says: "expression.connection",
        members: {
          remote: party("expression.remote"),
          local: party("expression.local"),
          originator: { kind: "object", says: "expression.originator" },
          aai: { kind: "string", says: "expression.aai" },
          protocol: { kind: "object", says: "expression.protocol", members: { name: { kind: "string" }, version: { kind: "string" } } },
        },
      },
    },
  },
  application: {
    kind: "object",
    says: "expression.application",
    members: {
      lang: { kind: "string", says: "expression.lang" },
      lastresult$: {
        kind: "object",
        says: "expression.lastresult",
        members: { utterance: { kind: "string" }, confidence: { kind: "number" }, inputmode: { kind: "string" }, interpretation: { kind: "unknown" } },
      },
    },
  },
};

const LANGUAGE: Readonly<Record<string, Known>> = {
  Number: fn("expression.Number"),
  String: fn("expression.String"),
  Boolean: fn(),
  parseInt: fn("expression.parseInt"),
  parseFloat: fn(),
  isNaN: fn("expression.isNaN"),
  encodeURIComponent: fn("expression.encodeURIComponent"),
  decodeURIComponent: fn(),
  Math: { kind: "object", members: functions("abs", "ceil", "floor", "max", "min", "pow", "random", "round") },
  JSON: { kind: "object", members: functions("parse", "stringify") },
  Date: fn("expression.Date"),
};

const CONSTANTS = ["true", "false", "null", "undefined"];
const KEYWORDS = ["typeof", "new"];

/** The members of a variable's initial value, as far down as it goes. */
function knownValue(value: unknown): Known {
  if (Array.isArray(value)) return { kind: "object", members: LIST };
  if (typeof value === "object" && value !== null) {
    return { kind: "object", members: Object.fromEntries(Object.entries(value).map(([name, item]) => [name, knownValue(item)])) };
  }
  const kind = typeof value;
  return { kind: kind === "string" || kind === "number" || kind === "boolean" ? kind : "unknown" };
}

const knownVariable = (variable: Variable): Known =>
  variable.type === "object" ? { ...knownValue(variable.initial), kind: "object" } : { kind: variable.type };

/** Whether a place lies inside a text in quotation marks. */
function inQuotes(text: string): boolean {
  let open = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (open && sign === "\\") at += 1;
    else if (open) open = sign === open ? "" : open;
    else if (sign === "'" || sign === '"' || sign === "`") open = sign;
  }
  return open !== "";
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const PATH = /(?<![\w$.])((?:[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*\s*\??\.\s*)*)([\w$\u0080-\uffff]*)$/u;

/** What could stand at a place of an expression; null for nothing. `asked`: the author wants to see it all. */
export function completeExpression(text: string, position: number, asked: boolean, variables: readonly Variable[], say: Say): Completions | null {
  const before = text.slice(0, position);
  if (inQuotes(before)) return null;
  const found = PATH.exec(before);
  if (!found) return null;
  const [, path = "", word = ""] = found;
  if (/^\d/.test(word)) return null;
  const from = position - word.length;
  if (path) {
    const steps = path.split(/[.?\s]+/).filter(Boolean);
    const members = membersOf(steps, variables);
    return members ? { from, options: listed(members, say, "property") } : null;
  }
  // After a closing bracket or a quotation mark a dot leads to members nobody knows.
  if (!word && (!asked || /\.\s*$/.test(before))) return null;
  return { from, options: [...own(variables, say), ...listed(PLATFORM, say, "variable"), ...listed(LANGUAGE, say, "variable"), ...words()] };
}

const own = (variables: readonly Variable[], say: Say): Completion[] =>
  variables.map((variable) => ({ label: variable.name, type: "variable", detail: say(`variables.type.${variable.type}`) }));

const words = (): Completion[] => [
  ...CONSTANTS.map((label): Completion => ({ label, type: "constant" })),
  ...KEYWORDS.map((label): Completion => ({ label, type: "keyword", apply: `${label} ` })),
];

function membersOf(steps: readonly string[], variables: readonly Variable[]): Readonly<Record<string, Known>> | undefined {
  const [first = "", ...rest] = steps;
  const variable = variables.find((one) => one.name === first);
  const all = { ...LANGUAGE, ...PLATFORM };
  let known: Known | undefined = variable ? knownVariable(variable) : Object.hasOwn(all, first) ? all[first] : undefined;
  if (first === "application" && rest.length === 0 && known) {
    return { ...Object.fromEntries(variables.map((one) => [one.name, knownVariable(one)])), ...known.members };
  }
  for (const step of rest) {
    const inside: Readonly<Record<string, Known>> = (known && (known.members ?? MEMBERS[known.kind])) ?? {};
    known = Object.hasOwn(inside, step) ? inside[step] : undefined;
  }
  return known && (known.members ?? MEMBERS[known.kind]);
}

const listed = (members: Readonly<Record<string, Known>>, say: Say, type: "variable" | "property"): Completion[] =>
  Object.entries(members)
    .filter(([name]) => IDENTIFIER.test(name))
    .map(([label, known]) => ({
      label,
      type: known.kind === "function" ? "function" : type,
      detail: known.kind === "unknown" ? "" : say(`variables.type.${known.kind}`),
      ...(known.says ? { info: say(known.says) } : {}),
      ...(known.kind === "function" ? { apply: `${label}(` } : {}),
    }));
