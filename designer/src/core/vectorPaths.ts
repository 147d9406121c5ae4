/** Shapes of an icon as one path in pixels, so that it can be drawn where it belongs without a transform. */

/** An element of an icon: its name and its attributes, as SVG has them. */
export type Shape = readonly [name: string, attributes: Readonly<Record<string, unknown>>];

const NUMBER = String.raw`[-+]?(?:\d*\.\d+|\d+)`;
const SEPARATOR = String.raw`[\s,]*`;
const NUMBERS = new RegExp(NUMBER, "g");
/** The flags of an arc are one figure each and may stand without anything between: `a2 2 0 012 2`. */
const ARC = new RegExp([NUMBER, NUMBER, NUMBER, "[01]", "[01]", NUMBER, NUMBER].map((part) => `(${part})`).join(SEPARATOR), "g");
const COMMAND = /([a-zA-Z])([^a-zA-Z]*)/g;

const short = (value: number): string => String(Math.round(value * 1000) / 1000);

/** The path, so many times as large, and then so far from where it was. */
export function placedPath(path: string, by: number, dx = 0, dy = 0): string {
  const length = (text: string | undefined, shift = 0): string => short(Number(text) * by + shift);
  let first = true;
  return path.replace(COMMAND, (_all, letter: string, values: string) => {
    // A path begins with a place, even where it says so in a small letter; what follows it is relative then.
    const begins = first && letter === "m";
    first = false;
    const kind = letter.toLowerCase();
    const absolute = kind !== letter;
    const [x, y] = absolute ? [dx, dy] : [0, 0];
    if (kind === "a") {
      return `${letter}${[...values.matchAll(ARC)]
        .map(([, rx, ry, turn, large, sweep, toX, toY]) => `${length(rx)} ${length(ry)} ${turn} ${large} ${sweep} ${length(toX, x)} ${length(toY, y)}`)
        .join(" ")}`;
    }
    const all = [...values.matchAll(NUMBERS)].map(([one], index) => {
      const shift = kind === "v" || (kind !== "h" && index % 2 === 1) ? y : x;
      return length(one, begins && index < 2 ? (index === 0 ? dx : dy) : shift);
    });
    return begins ? `M${all.slice(0, 2).join(" ")}${all.length > 2 ? `l${all.slice(2).join(" ")}` : ""}` : `${letter}${all.join(" ")}`;
  });
}

const ellipse = (cx: number, cy: number, rx: number, ry: number): string => `M${cx - rx} ${cy}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0z`;

function rectangle(x: number, y: number, width: number, height: number, rx: number, ry: number): string {
  if (rx === 0 || ry === 0) return `M${x} ${y}h${width}v${height}h${-width}z`;
  const arc = (dx: number, dy: number): string => `a${rx} ${ry} 0 0 1 ${dx} ${dy}`;
  return `M${x + rx} ${y}h${width - 2 * rx}${arc(rx, ry)}v${height - 2 * ry}${arc(-rx, ry)}h${2 * rx - width}${arc(-rx, -ry)}v${2 * ry - height}${arc(rx, -ry)}z`;
}

/** An element as a path. Throws for an element that is none of SVG's plain shapes. */
export function pathOf([name, attributes]: Shape): string {
  const at = (key: string, otherwise = 0): number => Number(attributes[key] ?? otherwise);
  switch (name) {
    case "path":
      return String(attributes["d"]);
    case "circle":
      return ellipse(at("cx"), at("cy"), at("r"), at("r"));
    case "ellipse":
      return ellipse(at("cx"), at("cy"), at("rx"), at("ry"));
    case "line":
      return `M${at("x1")} ${at("y1")}L${at("x2")} ${at("y2")}`;
    case "rect":
      return rectangle(at("x"), at("y"), at("width"), at("height"), at("rx", at("ry")), at("ry", at("rx")));
    case "polyline":
    case "polygon":
      return `M${String(attributes["points"])}${name === "polygon" ? "z" : ""}`;
    default:
      throw new Error(`an icon is drawn with <${name}>, which has no path`);
  }
}
