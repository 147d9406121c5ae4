/** Expressions while they are typed: what could stand at a place of the text. */

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
