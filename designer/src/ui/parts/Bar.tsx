import { useTexts } from "../texts";

/** A share as a picture, with its figures beside it. */
export function Bar({ share, tone }: { share: number; tone?: string }) {
  return (
    <span className="bar" aria-hidden>
      <span style={{ width: `${Math.max(0, Math.min(100, share))}%`, ...(tone ? { background: tone } : {}) }} />
    </span>
  );
}

export function Share({ count, percent, tone }: { count: number; percent: number; tone?: string }) {
  const texts = useTexts();
  return (
    <span className="share">
      <Bar share={percent} {...(tone ? { tone } : {})} />
      <span className="figures right">{texts.number(count)}</span>
      <span className="figures right muted">{texts.percent(percent)}</span>
    </span>
  );
}
