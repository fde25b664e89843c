/** Arbitrary pens: what a program has set before it writes. */

import fc from 'fast-check';
import {
  BLINK,
  BOLD,
  COLOR_PALETTE,
  COLOR_RGB,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_SHIFT,
} from '../../protocol/screen/cell.ts';
import type { Extra } from '../../protocol/screen/extra.ts';
import { arbitraryExtra } from './arbitrary-extra.ts';

/** Foreground and background words, and what they have no room for. */
export interface Pen {
  readonly fg: number;
  readonly bg: number;
  readonly extra?: Extra | undefined;
}

const arbitraryColor: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 15 }).map((index) => COLOR_PALETTE | index) },
  fc.integer({ min: 0, max: 255 }).map((index) => COLOR_PALETTE | index),
  fc.integer({ min: 0, max: 0xff_ffff }).map((rgb) => COLOR_RGB | rgb),
);

const arbitraryFlags = fc.subarray([BOLD, FAINT, ITALIC, BLINK, INVERSE, INVISIBLE]);
const arbitraryLines = fc.record({ style: fc.integer({ min: 0, max: 5 }), more: fc.subarray([STRIKE, OVERLINE]) });

/** Any pen; half of them the default one. */
export const arbitraryPen: fc.Arbitrary<Pen> = fc.oneof(
  fc.constant({ fg: 0, bg: 0 }),
  fc
    .record({ fg: arbitraryColor, bg: arbitraryColor, flags: arbitraryFlags, lines: arbitraryLines })
    .map(({ fg, bg, flags, lines }) => ({
      fg: flags.reduce((word, flag) => (word | flag) >>> 0, fg),
      bg: lines.more.reduce((word, flag) => (word | flag) >>> 0, bg | (lines.style << UNDERLINE_SHIFT)),
    })),
  fc.record({ fg: arbitraryColor, bg: fc.constant(0) }),
);

/** Any pen, with an underline colour or a link or both at times. */
export const richPen: fc.Arbitrary<Pen> = fc
  .record({ pen: arbitraryPen, extra: arbitraryExtra })
  .map(({ pen, extra }) => ({ ...pen, extra }));
