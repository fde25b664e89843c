import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlay, type Silence, silenceChangesAt, silenceText, spanText, wrapText } from '../../client/notice.ts';
import { CELL_WORDS } from '../../protocol/screen/cell.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { blankScreen } from '../../protocol/screen/screen.ts';

const silence: Silence = {
  since: 10_000,
  heard: true,
  finding: 'none',
  host: 'example.org',
  port: 60_001,
  unconfirmed: 0,
};

describe('the bar of a silent server', () => {
  test('is not there for two seconds, then counts them', () => {
    expect(silenceText(silence, 11_900)).toBeUndefined();
    expect(silenceText(silence, 12_000)).toBe('rove: no answer for 2 s (~. quits), still trying');
    expect(silenceText(silence, 22_500)).toContain('for 12 s');
  });

  test('says that what was typed is kept', () => {
    expect(silenceText({ ...silence, unconfirmed: 3 }, 13_000)).toContain('what you typed is kept');
  });

  test('names port, host and remedy within 5 s when the server was never heard', () => {
    const never: Silence = { ...silence, heard: false };
    expect(silenceText(never, 14_000)).toBeUndefined();
    expect(silenceText(never, 15_000)).toMatch(/UDP port 60001 of example\.org for 5 s.*firewall.*--udp-port/);
  });

  test('says that nothing listens over there, or that there is no network here', () => {
    expect(silenceText({ ...silence, finding: 'refused' }, 13_000)).toMatch(/nothing listens on UDP port 60001/);
    expect(silenceText({ ...silence, heard: false, finding: 'offline' }, 13_000)).toMatch(/no network on this side/);
  });

  test('changes just when it says so', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.double({ min: 0, max: 100_000, noNaN: true }), (heard, later) => {
        const one = { ...silence, heard };
        const now = one.since + later;
        const at = silenceChangesAt(one, now);
        expect(at).toBeGreaterThan(now);
        expect(at - now).toBeLessThanOrEqual(4_500);
        expect(silenceText(one, at)).not.toBe(silenceText(one, now));
      }),
    );
  });
});

test('spanText() names the two largest units', () => {
  expect([0, 59_999, 60_000, 3_599_999, 3_600_000, 100_000_000].map(spanText)).toEqual([
    '0 s',
    '59 s',
    '1 min 0 s',
    '59 min 59 s',
    '1 h 0 min',
    '1 d 3 h',
  ]);
});

describe('wrapText()', () => {
  test('cuts at spaces', () => {
    expect(wrapText('no answer for 12 s', 10)).toEqual(['no answer', 'for 12 s']);
  });

  test('never gives more than three lines, nor one over the width', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 1, max: 120 }), (text, cols) => {
        const lines = wrapText(text, cols);
        expect(lines.length).toBeLessThanOrEqual(3);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(cols);
      }),
    );
  });
});

describe('overlay()', () => {
  test('gives the screen itself when there is nothing to say', () => {
    const screen = blankScreen(10, 3);
    expect(overlay(screen, [])).toBe(screen);
  });

  test('covers whole rows and leaves the others the same objects', () => {
    const screen = { ...blankScreen(10, 3), cursorRow: 2 };
    const covered = overlay(screen, ['rove: hello there']);
    expect(rowText(covered.rows[0])).toBe('rove: hell');
    expect(covered.rows[0]?.frozen).toBe(true);
    expect(covered.rows[1]).toBe(screen.rows[1]);
    expect(screen.rows[0]).toBe(screen.rows[1]);
  });

  test('goes to the last rows when the cursor is in the first', () => {
    const screen = blankScreen(10, 4);
    expect(overlay(screen, ['bar']).rows.map(shownText)).toEqual(['', '', '', 'bar']);
    const lower = { ...screen, cursorRow: 1 };
    expect(overlay(lower, ['a', 'b']).rows.map(shownText)).toEqual(['', '', 'a', 'b']);
  });

  test('covers the cursor where there is no other room', () => {
    const covered = overlay(blankScreen(10, 3), ['a', 'b', 'c']);
    expect(covered.rows.map(shownText)).toEqual(['a', 'b', 'c']);
  });

  test('shows nothing but printable ASCII', () => {
    expect(rowText(overlay(blankScreen(8, 1), ['a\x1b[2Jé'])?.rows[0])).toBe('a?[2J?  ');
  });

  test('fits a screen of one cell', () => {
    const covered = overlay(blankScreen(1, 1), ['rove', 'more']);
    expect(covered.rows.map(rowText)).toEqual(['r']);
  });
});

function rowText(row: Row | undefined): string {
  const codes = Array.from(row?.cells ?? []).filter((_, i) => i % CELL_WORDS === 0);
  return String.fromCodePoint(...codes);
}

/** A row without its blank end; cells never written hold no character at all. */
function shownText(row: Row): string {
  return rowText(row).replaceAll('\0', ' ').trimEnd();
}
