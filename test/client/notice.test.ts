import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseEdge,
  overlay,
  type Silence,
  silenceChangesAt,
  silenceText,
  spanText,
  wrapText,
} from '../../client/notice.ts';
import { CELL_WORDS } from '../../protocol/screen/cell.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { blankScreen, type Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

const silence: Silence = {
  since: 10_000,
  heard: true,
  finding: 'none',
  host: 'example.org',
  port: 60_001,
  behind: false,
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

  test('says that UDP goes straight to a host that ssh reached through another', () => {
    const never: Silence = { ...silence, heard: false, behind: true };
    expect(silenceText(never, 15_000)).toMatch(
      /UDP port 60001 of example\.org for 5 s.*went by another host.*straight/,
    );
    expect(silenceText({ ...never, finding: 'offline' }, 15_000)).toMatch(/another host/);
    expect(silenceText({ ...never, heard: true }, 15_000)).not.toMatch(/another host/);
  });

  test('says of a refusal that it is no end of the server where none was ever heard', () => {
    const refused: Silence = { ...silence, heard: false, finding: 'refused' };
    expect(silenceText(refused, 13_000)).toMatch(
      /refused by UDP port 60001 of example\.org for 3 s.*firewall.*forward/,
    );
    expect(silenceText({ ...refused, behind: true }, 13_000)).toMatch(/refused by .*went by another host/);
    const lengths = [refused, { ...refused, behind: true }].map((one) => silenceText(one, 13_000)?.length ?? 0);
    expect(Math.max(...lengths)).toBeLessThan(3 * 80);
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
    expect(overlay(screen, [], 'top')).toBe(screen);
  });

  test('covers whole rows and leaves the others the same objects', () => {
    const screen = blankScreen(10, 3);
    const covered = overlay(screen, ['rove: hello there'], 'top');
    expect(rowText(covered.rows[0])).toBe('rove: hell');
    expect(covered.rows[0]?.frozen).toBe(true);
    expect(covered.rows[1]).toBe(screen.rows[1]);
    expect(screen.rows[0]).toBe(screen.rows[1]);
  });

  test('covers the last rows in their order', () => {
    expect(overlay(blankScreen(10, 4), ['a', 'b'], 'bottom').rows.map(shownText)).toEqual(['', '', 'a', 'b']);
  });

  test('shows nothing but printable ASCII', () => {
    expect(rowText(overlay(blankScreen(8, 1), ['a\x1b[2Jé'], 'top').rows[0])).toBe('a?[2J?  ');
  });

  test.each(['top', 'bottom'] as const)('fits a screen of one cell at its %s', (edge) => {
    expect(overlay(blankScreen(1, 1), ['rove', 'more'], edge).rows.map(rowText)).toEqual(['r']);
  });
});

describe('chooseEdge()', () => {
  test('goes where less text is hidden, to the top if it is the same', () => {
    expect(chooseEdge(shown('\r\n\r\n'), 1, undefined)).toBe('top');
    expect(chooseEdge(shown('welcome\r\n$ '), 1, undefined)).toBe('bottom');
    expect(chooseEdge(shown('a\r\n\r\nc\r\n\x1b[2;1H'), 1, undefined)).toBe('bottom');
    expect(chooseEdge(shown('a\r\nb\r\nc\r\nd\x1b[2;1H'), 1, undefined)).toBe('top');
  });

  test('never hides the row that is typed in', () => {
    expect(chooseEdge(blankScreen(10, 4), 1, undefined)).toBe('bottom');
    expect(chooseEdge({ ...blankScreen(10, 4), cursorRow: 1 }, 2, undefined)).toBe('bottom');
    expect(chooseEdge({ ...shown('full'), cursorRow: 3 }, 1, undefined)).toBe('top');
  });

  test('stays until the cursor comes', () => {
    expect(chooseEdge(shown('a\r\nb\r\nc\x1b[2;1H'), 1, 'top')).toBe('top');
    expect(chooseEdge(shown('\r\n\r\n\r\nd\x1b[2;1H'), 1, 'bottom')).toBe('bottom');
    expect(chooseEdge(shown('\r\n\r\n\r\nd'), 1, 'bottom')).toBe('top');
  });

  test('leaves the cursor free wherever there is room for both, and stays where there is not', () => {
    const side = fc.integer({ min: 1, max: 9 });
    const edge = fc.constantFrom('top', 'bottom', undefined);
    fc.assert(
      fc.property(side, side, fc.nat(8), edge, (height, count, row, before) => {
        const cursorRow = row % height;
        const screen = { ...blankScreen(4, height), cursorRow };
        const chosen = chooseEdge(screen, count, before);
        const lines = new Array<string>(count).fill('x');
        const isFree = (at: 'top' | 'bottom') => overlay(screen, lines, at).rows[cursorRow] === screen.rows[cursorRow];
        if (isFree('top') || isFree('bottom')) expect(isFree(chosen)).toBe(true);
        else if (before !== undefined) expect(chosen).toBe(before);
      }),
    );
  });
});

/** What a terminal of 10x4 shows after `text`. */
function shown(text: string): Screen {
  const emulator = new Emulator({ cols: 10, rows: 4 });
  emulator.write(new TextEncoder().encode(text));
  return emulator.snapshot();
}

function rowText(row: Row | undefined): string {
  const codes = Array.from(row?.cells ?? []).filter((_, i) => i % CELL_WORDS === 0);
  return String.fromCodePoint(...codes);
}

/** A row without its blank end; cells never written hold no character at all. */
function shownText(row: Row): string {
  return rowText(row).replaceAll('\0', ' ').trimEnd();
}
