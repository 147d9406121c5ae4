/** What lies over a card or an edge: a sign and words of its own for each tone, never the colour alone. */
import { Check, CircleDashed, CircleDot, MapPin, Minus, Move, Pencil, Plus, UserRound, X } from "lucide-react";
import { type ComponentType, createContext, useCallback, useContext } from "react";
import { useStore } from "zustand";
import { type Marking, type Overlays, type Sign, type Tone, editorOverlays } from "../../core/overlay";
import { useTexts } from "../texts";

export const OverlayContext = createContext<Overlays>(editorOverlays);

export function useNodeMarking(id: string): Marking | undefined {
  return useStore(useContext(OverlayContext).store, useCallback((state) => state.nodes.get(id), [id]));
}

/** An edge is marked by its port, or by its port and its end. */
export function useEdgeMarking(key: string, to: string): Marking | undefined {
  return useStore(useContext(OverlayContext).store, useCallback((state) => state.edges.get(`${key}>${to}`) ?? state.edges.get(key), [key, to]));
}

const SIGNS: Record<Tone, ComponentType<{ size?: number; "aria-hidden"?: boolean }>> = {
  current: MapPin,
  failed: X,
  person: UserRound,
  removed: Minus,
  added: Plus,
  changed: Pencil,
  passed: Check,
  missed: CircleDashed,
  moved: Move,
  breakpoint: CircleDot,
};

export function OverlaySign({ sign, size = 12 }: { sign: Sign; size?: number }) {
  const { t } = useTexts();
  const Icon = SIGNS[sign.tone];
  const title = sign.title || t(`overlay.${sign.tone}`);
  return (
    <span className={`over-sign over-${sign.tone}`} role="img" aria-label={sign.text ? `${title}: ${sign.text}` : title} title={title}>
      <Icon size={size} aria-hidden />
      {sign.text && <span className="over-text">{sign.text}</span>}
    </span>
  );
}
