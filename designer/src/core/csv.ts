/** Comma-separated values as spreadsheets write and read them (RFC 4180). */

/** Cells that a spreadsheet would take for a formula are told to be text; `parseCsv` takes the mark off again. */
const FORMULA = /^[=+\-@\t\r]/;

const cell = (value: string): string => {
  const text = FORMULA.test(value) || value.startsWith("'") ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** With a byte order mark: without it spreadsheets read Chinese as something else. */
export const toCsv = (rows: readonly (readonly string[])[]): string => `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;

const SEPARATORS = [",", ";", "\t"] as const;

/** The rows of a file; its separator is the one that the first line has most of. Blank lines are left out. */
export function parseCsv(file: string): string[][] {
  const text = file.replace(/^\uFEFF/, "");
  const head = text.split(/\r?\n/, 1)[0] ?? "";
  const separator = SEPARATORS.toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let value = "";
  let quoted = false;
  const endCell = (): void => {
    row.push(value.startsWith("'") ? value.slice(1) : value);
    value = "";
  };
  const endRow = (): void => {
    endCell();
    if (row.some((one) => one !== "")) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (quoted) {
      if (letter !== '"') value += letter;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && value === "") quoted = true;
    else if (letter === separator) endCell();
    else if (letter === "\n" || (letter === "\r" && text[at + 1] !== "\n")) endRow();
    else if (letter !== "\r") value += letter;
  }
  if (value !== "" || row.length > 0) endRow();
  return rows;
}
