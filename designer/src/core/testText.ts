/** The text of a conversation test: what its lines begin with. */

export const STEP_TEMPLATES = {
  hears: 'hears: {contains: ""}',
  presses: 'presses: "1"',
  says: "says: ",
  waits: "waits",
  "hangs up": "hangs up",
  records: "records: 3",
  transfer: "transfer: answered",
  node: "node: ",
  variables: "variables: {}",
  handed: "handed: {}",
  ends: "ends: disconnect",
} as const;
export type StepKind = keyof typeof STEP_TEMPLATES;

/** The text with one more step at the end of its steps, indented as the others are. */
export function withStep(text: string, kind: StepKind): string {
  const lines = text.replace(/\s+$/, "").split("\n");
  const steps = lines.findIndex((line) => /^steps:/.test(line));
  if (steps < 0) return `${lines.join("\n")}\nsteps:\n  - ${STEP_TEMPLATES[kind]}\n`;
  lines[steps] = (lines[steps] ?? "").replace(/^steps:\s*\[\s*\]/, "steps:");
  let end = steps + 1;
  while (end < lines.length && !/^[A-Za-z]/.test(lines[end] ?? "")) end += 1;
  const indent = /^( *)- /.exec(lines[steps + 1] ?? "")?.[1] ?? "  ";
  return `${[...lines.slice(0, end), `${indent}- ${STEP_TEMPLATES[kind]}`, ...lines.slice(end)].join("\n")}\n`;
}
