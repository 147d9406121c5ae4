import { ArrowRight, Check, CircleHelp, Clock, CornerDownRight, PhoneOff, TriangleAlert, X, type LucideIcon } from "lucide-react";
import { type Port, type PortKind, nodeTitle } from "../../core/nodeTypes";
import type { Texts } from "../texts";
import type { Names } from "./canvasModel";

const SIGNS: Record<Exclude<PortKind, "key">, LucideIcon> = {
  next: ArrowRight,
  yes: Check,
  no: X,
  noinput: Clock,
  nomatch: CircleHelp,
  error: TriangleAlert,
  hangup: PhoneOff,
  other: CornerDownRight,
};

export const portColour = (kind: PortKind): string => `var(--port-${kind})`;

export const portIcon = (kind: Exclude<PortKind, "key">): LucideIcon => SIGNS[kind] ?? CornerDownRight;

/** A port's meaning as a sign: the key itself, or an icon; never the colour alone. */
export function PortSign({ port }: { port: Port }) {
  if (port.kind === "key") return <span className="port-key">{port.id}</span>;
  const Sign = portIcon(port.kind);
  return (
    <span className="port-sign" style={{ color: portColour(port.kind) }}>
      <Sign size={13} aria-hidden />
    </span>
  );
}

/** A port's name as text; a key without a label says that it is a key. */
export function portText(port: Port, texts: Texts): string {
  const title = texts.pick(port.title);
  if (title) return title;
  return port.kind === "key" ? texts.t("port.key", { key: port.id }) : port.id;
}

const known = new Map<Texts, Names>();

/** What cards and edges are called, in the reader's language. */
export function namesIn(texts: Texts): Names {
  const names = known.get(texts) ?? {
    card: (node, type) => nodeTitle(node, type, texts.language),
    edge: (port, from, to) => texts.t("canvas.edge", { port: port ? portText(port, texts) : "", from, to }),
  };
  known.set(texts, names);
  return names;
}
