/** How wide a text can be at most, without drawing it. */

const NARROW = /[ilj.,:;'|!()[\] ft]/;
const WIDE = /[mwMW@%&QGO—…]/;
const CAPITAL = /[A-Z]/;
/** From here on scripts begin whose signs fill a square: Chinese, kana, Hangul, full-width forms, emoji. */
const SQUARE_FROM = 0x2e80;

/** At most so many pixels, in the page's own letters of that size; a little more than it will be. */
export function widestText(text: string, size: number): number {
  let ems = 0;
  for (const sign of text) {
    if ((sign.codePointAt(0) ?? 0) >= SQUARE_FROM) ems += 1.05;
    else if (NARROW.test(sign)) ems += 0.4;
    else if (WIDE.test(sign)) ems += 1.02;
    else ems += CAPITAL.test(sign) ? 0.76 : 0.66;
  }
  return ems * size;
}
