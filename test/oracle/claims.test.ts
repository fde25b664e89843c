/**
 * Nothing but what the terminal claims to understand is written to it, whatever the program writes and however the session goes, from
 * taking the terminal over to giving it back.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Capabilities, FULL_TERMINAL, PLAIN_TERMINAL } from '../../protocol/render/capabilities.ts';
import { anyOutput, arbitrarySize } from '../terminal/arbitrary-output.ts';
import { Way } from './way.ts';

const arbitraryCapabilities: fc.Arbitrary<Capabilities> = fc.oneof(
  fc.constant(PLAIN_TERMINAL),
  fc.record({
    colors: fc.constantFrom(16 as const, 256 as const, 'rgb' as const),
    underlineStyles: fc.boolean(),
    underlineColors: fc.boolean(),
    overline: fc.boolean(),
    links: fc.boolean(),
    synchronized: fc.boolean(),
    cursorShapes: fc.boolean(),
    titles: fc.boolean(),
    palette: fc.boolean(),
    dynamicColors: fc.boolean(),
    clipboard: fc.boolean(),
    notices: fc.constantFrom('osc99' as const, 'osc777' as const, 'osc9' as const, 'bell' as const),
    progress: fc.boolean(),
    marks: fc.boolean(),
    directory: fc.boolean(),
    keyboard: fc.boolean(),
    otherKeys: fc.boolean(),
    colorSchemeReports: fc.boolean(),
  }),
);

/** What a sequence may only be written for: whether it is allowed, and what it looks like. An SGR is `m` and one of its parameters. */
const CLAIMS: readonly (readonly [name: string, isClaimed: (terminal: Capabilities) => boolean, sequence: RegExp])[] = [
  ['24 bits of colour', ({ colors }) => colors === 'rgb', /^m[34]8;2/],
  ['256 colours', ({ colors }) => colors !== 16, /^m[34]8;5/],
  ['styles of underlines', ({ underlineStyles }) => underlineStyles, /^m(4:[2-5]|21)$/],
  ['colours of underlines', ({ underlineColors }) => underlineColors, /^m5[89]/],
  ['overlines', ({ overline }) => overline, /^m5[35]$/],
  ['links', ({ links }) => links, /^\x1b\]8;/],
  ['frames', ({ synchronized }) => synchronized, /^\x1b\[\?2026/],
  ['cursor shapes', ({ cursorShapes }) => cursorShapes, /^\x1b\[\d* q/],
  ['titles', ({ titles }) => titles, /^\x1b\][012];|^\x1b\[2[23];\dt/],
  ['the palette', ({ palette }) => palette, /^\x1b\](4|104)\b/],
  ['dynamic colours', ({ dynamicColors }) => dynamicColors, /^\x1b\]1?1[012]\b/],
  ['the clipboard', ({ clipboard }) => clipboard, /^\x1b\]52;/],
  ['notices as of kitty', ({ notices }) => notices === 'osc99', /^\x1b\]99;/],
  ['notices as of urxvt', ({ notices }) => notices === 'osc777', /^\x1b\]777;/],
  ['notices as of iTerm2', ({ notices }) => notices === 'osc9', /^\x1b\]9;(?!4;)/],
  ['progress', ({ progress }) => progress, /^\x1b\]9;4;/],
  ['prompts', ({ marks }) => marks, /^\x1b\]133;/],
  ['directories', ({ directory }) => directory, /^\x1b\]7;/],
  ["kitty's keyboard", ({ keyboard }) => keyboard, /^\x1b\[[<>=][\d;]*u/],
  ['modifyOtherKeys', ({ otherKeys }) => otherKeys, /^\x1b\[>4/],
  ['reports of the colour scheme', ({ colorSchemeReports }) => colorSchemeReports, /^\x1b\[\?2031/],
];

/** What of all this a renderer knows how to write. Any other sequence is a mistake. */
const PLAIN = [
  /^m(|[0-9]|2[2-9]|[349][0-7]|10[0-7]|[34]9|4:[0-5]|21|5[3589].*|[34]8;(5;\d+|2;\d+;\d+;\d+))$/,
  /^\x1b\[\?(1|5|6|7|9|25|100[0-7]|101[56]|1049|2004|2026|2031)[hlsr]$/,
  /^\x1b\[[\d;]*[ABCDGHJKLMPXdr@]$/,
  /^\x1b\[4l$/,
  /^\x1b[DEM=>]$/,
  /^\x1b\(B$/,
];

const SEQUENCE = /\x1b(\[[<-?]?[\d;:]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g;
const SGR = /^\x1b\[([\d;:]*)m$/;
const PARAMETER = /[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|[\d:]+/g;

function sequencesOf(text: string): string[] {
  return (text.match(SEQUENCE) ?? []).flatMap((sequence) => {
    const [, parameters] = SGR.exec(sequence) ?? [];
    if (parameters === undefined) return [sequence];
    return parameters === '' ? ['m'] : (parameters.match(PARAMETER) ?? []).map((parameter) => `m${parameter}`);
  });
}

function unclaimed(text: string, terminal: Capabilities): string[] {
  return sequencesOf(text).flatMap((sequence) => {
    const claims = CLAIMS.filter(([, , pattern]) => pattern.test(sequence));
    if (claims.length === 0 && !PLAIN.some((pattern) => pattern.test(sequence)))
      return [`unknown: ${JSON.stringify(sequence)}`];
    return claims
      .filter(([, isClaimed]) => !isClaimed(terminal))
      .map(([name]) => `${name}: ${JSON.stringify(sequence)}`);
  });
}

test('nothing is written that the terminal does not claim', () => {
  const output = fc.array(anyOutput, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(arbitrarySize, arbitrarySize, arbitraryCapabilities, output, (size, larger, terminal, list) => {
      let text = '';
      const decoder = new TextDecoder();
      const way = new Way(size, [{ write: (bytes) => (text += decoder.decode(bytes)), resize: () => {} }], terminal);
      for (const [i, pieces] of list.entries()) {
        way.output(new TextEncoder().encode(pieces.join('')));
        way.release();
        way.arrive(true);
        if (i === 1) way.resize(larger);
      }
      way.leave();
      expect(unclaimed(text, terminal)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('a terminal that claims everything is given everything', () => {
  let text = '';
  const decoder = new TextDecoder();
  const way = new Way(
    { cols: 20, rows: 5 },
    [{ write: (bytes) => (text += decoder.decode(bytes)), resize: () => {} }],
    {
      ...FULL_TERMINAL,
    },
  );
  way.arrive(true);
  const all =
    '\x1b[38;2;1;2;3;48;5;99;4:3;58:5:9;53ma\x1b[m\x1b]8;;http://a\x07b\x1b]8;;\x07\x1b[3 q\x1b]0;t\x07\x1b]4;1;#123\x07\x1b]11;#123\x07' +
    '\x1b]52;c;QQ==\x07\x1b]9;done\x07\x1b]9;4;1;50\x07\r\n\x1b]133;A\x07$\x1b]7;file:///a\x07\x1b[>1u\x1b[>4;2m\x1b[?2031h\r\n1\r\n2\r\n3';
  way.output(new TextEncoder().encode(all));
  way.arrive(true);
  way.leave();
  const sequences = sequencesOf(text);
  const given = CLAIMS.filter(([, , pattern]) => sequences.some((sequence) => pattern.test(sequence)));
  const left = CLAIMS.filter((claim) => !given.includes(claim)).map(([name]) => name);
  expect(left).toEqual(['notices as of urxvt', 'notices as of iTerm2']);
});
