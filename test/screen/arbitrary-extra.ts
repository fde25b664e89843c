/** Arbitrary underline colours and links, and the check that a row has them exactly where its cells say so. */

import fc from 'fast-check';
import { CELL_WORDS, COLOR_PALETTE, COLOR_RGB, EXTENDED, WIDE } from '../../protocol/screen/cell.ts';
import { type Extra, equalExtra, type Link, MAX_LINK_ID, MAX_LINK_URI } from '../../protocol/screen/extra.ts';
import type { Row } from '../../protocol/screen/row.ts';

const arbitraryUnderlineColor: fc.Arbitrary<number> = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 255 }).map((index) => COLOR_PALETTE | index),
  fc.integer({ min: 0, max: 0xff_ffff }).map((rgb) => COLOR_RGB | rgb),
);

/** Often one of a few, so that a screen has the same link in several places, and two that differ in the id alone. */
const arbitraryLink: fc.Arbitrary<Link | undefined> = fc.option(
  fc.record({
    id: fc.constantFrom('', '', '1', 'a b', 'x'.repeat(MAX_LINK_ID)),
    uri: fc.constantFrom('http://a/', 'http://a/', 'file://h/%20', 'mailto:a@b', `u:${'/'.repeat(MAX_LINK_URI - 2)}`),
  }),
  { nil: undefined },
);

/** The rest of a pen; half of them none. */
export const arbitraryExtra: fc.Arbitrary<Extra | undefined> = fc.oneof(
  fc.constant(undefined),
  fc
    .record({ underlineColor: arbitraryUnderlineColor, link: arbitraryLink })
    .map((extra) => (extra.underlineColor === 0 && extra.link === undefined ? undefined : extra)),
);

/** Why the extras of a row are not valid, undefined if they are. */
export function extrasFault(row: Row): string | undefined {
  let count = 0;
  for (let col = 0; col < row.cols; col++) {
    const at = col * CELL_WORDS;
    if (((row.cells[at + 2] ?? 0) & EXTENDED) === 0) continue;
    count++;
    const extra = row.extras?.get(col);
    const fault = extra === undefined ? 'is missing' : extraFault(extra);
    if (fault !== undefined) return `the extra of column ${col} ${fault}`;
    const isWide = ((row.cells[at] ?? 0) & WIDE) !== 0;
    if (isWide && !equalExtra(extra, row.extras?.get(col + 1))) return `the extra of column ${col} is not its tail's`;
  }
  return (row.extras?.size ?? 0) === count ? undefined : 'extras without a cell';
}

function extraFault({ underlineColor, link }: Extra): string | undefined {
  if (underlineColor === 0 && link === undefined) return 'has nothing';
  const kind = underlineColor >>> 24;
  const value = underlineColor & 0xff_ffff;
  if (kind > 2 || (kind === 0 && value !== 0) || (kind === 1 && value > 255)) return 'has a bad colour';
  if (link === undefined) return undefined;
  const { id, uri } = link;
  if (id.length > MAX_LINK_ID || uri.length > MAX_LINK_URI) return 'has a long link';
  return /^[ -~]*$/.test(id) && /^[ -~]+$/.test(uri) ? undefined : 'has a bad link';
}
