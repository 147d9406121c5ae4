/**
 * All signs of a card in one drawing that lies over it.
 *
 * An element that scales, shifts or cuts what is in it has to be told apart from its surroundings with every step of
 * panning. A screen full of cards has hundreds of icons and ports; drawn into one sheet a card, they cost nothing then.
 */
import type { LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import { type Shape, pathOf, placedPath } from "../../core/vectorPaths";

export interface PlacedSign {
  readonly icon: LucideIcon;
  readonly colour: string;
  readonly size: number;
  /** The middle of the sign, from the card's corner. */
  readonly x: number;
  readonly y: number;
}

const ICON_GRID = 24;
const ICON_STROKE = 2;

/** What an icon consists of: its component hands it to the one that draws. */
export function shapesOf(icon: LucideIcon): readonly Shape[] {
  const { render } = icon as unknown as { render(props: object, ref: null): ReactElement<{ icon: { node: readonly Shape[] } }> };
  return render({}, null).props.icon.node;
}

const drawn = new Map<LucideIcon, Map<string, string>>();

/** Signs stand at few places: each path is worked out once. */
function pathFor({ icon, size, x, y }: PlacedSign): string {
  const places = drawn.get(icon) ?? new Map<string, string>();
  drawn.set(icon, places);
  const place = `${size} ${x} ${y}`;
  const known = places.get(place);
  if (known !== undefined) return known;
  const path = shapesOf(icon).map((shape) => placedPath(pathOf(shape), size / ICON_GRID, x - size / 2, y - size / 2)).join("");
  places.set(place, path);
  return path;
}

export function CardSigns({ signs }: { signs: readonly PlacedSign[] }) {
  return (
    <svg className="card-signs" width="1" height="1" aria-hidden>
      {signs.map((sign) => (
        <path key={`${sign.x} ${sign.y}`} d={pathFor(sign)} stroke={sign.colour} strokeWidth={(ICON_STROKE * sign.size) / ICON_GRID} />
      ))}
    </svg>
  );
}
