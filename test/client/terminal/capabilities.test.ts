import { describe, expect, test } from 'vitest';
import { capabilitiesOf } from '../../../client/terminal/capabilities.ts';
import { factsOf } from '../../../client/terminal/facts.ts';
import { TerminalTalk } from '../../../client/terminal/terminal-talk.ts';
import { PLAIN_TERMINAL } from '../../../protocol/render/capabilities.ts';
import { answersTo, type KnownAnswers, TERMINALS } from './terminals.ts';

const SIZE = { cols: 80, rows: 24 };

/** A talk with a terminal that has answered all that it does. */
function talkWith(known: KnownAnswers): TerminalTalk {
  const talk = new TerminalTalk();
  const { TERM = '', TERM_PROGRAM = '' } = known.environment;
  talk.begin(0, { term: TERM, program: TERM_PROGRAM, cols: SIZE.cols });
  const keys = talk.input(1, Buffer.from(answersTo(talk.takeOutgoing(), known).join(''), 'latin1'));
  expect(Buffer.from(keys).toString('latin1')).toBe('');
  return talk;
}

/** In which of its capabilities a terminal differs from a plain one, in one line. */
function told(name: string): string {
  const known = TERMINALS[name];
  if (known === undefined) throw new Error(`no terminal ${name}`);
  const { answers } = talkWith(known);
  const capabilities = capabilitiesOf({
    answers,
    environment: known.environment,
    terminfo: undefined,
    clipboard: 'write',
  });
  const plain: Readonly<Record<string, unknown>> = { ...PLAIN_TERMINAL };
  return Object.entries(capabilities)
    .filter(([key, value]) => value !== plain[key])
    .map(([key, value]) => (value === true ? key : value === false ? `no ${key}` : `${key} ${value}`))
    .sort()
    .join(', ');
}

describe('the capabilities of', () => {
  test.each([
    ['xterm', 'clipboard, colors rgb, dynamicColors, otherKeys, palette'],
    [
      'GNOME Terminal (VTE)',
      'colors rgb, directory, dynamicColors, links, overline, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'kitty',
      'clipboard, colorSchemeReports, colors rgb, directory, dynamicColors, keyboard, links, marks, notices osc99, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'foot',
      'clipboard, colorSchemeReports, colors rgb, directory, dynamicColors, keyboard, links, marks, notices osc777, otherKeys, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'WezTerm',
      'clipboard, colors rgb, directory, dynamicColors, links, marks, notices osc777, otherKeys, overline, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'Alacritty',
      'clipboard, colors rgb, dynamicColors, keyboard, links, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'iTerm2',
      'clipboard, colors rgb, directory, dynamicColors, keyboard, links, marks, notices osc9, otherKeys, palette, synchronized, underlineColors, underlineStyles',
    ],
    [
      'Windows Terminal',
      'clipboard, colors rgb, dynamicColors, links, marks, overline, palette, progress, synchronized, underlineColors, underlineStyles',
    ],
    ['tmux', 'clipboard, colors rgb, directory, dynamicColors, overline, palette, underlineColors, underlineStyles'],
    ['screen', 'no cursorShapes'],
    ['Linux console', 'colors 16, no cursorShapes, no titles'],
  ])('%s', (name, expected) => {
    expect(told(name)).toBe(expected);
  });

  test('a terminal of which nothing is known are the plain ones, and of one without a name fewer', () => {
    const { answers } = new TerminalTalk();
    const of = (environment: Readonly<Record<string, string>>) =>
      capabilitiesOf({ answers, environment, terminfo: undefined, clipboard: 'write' });
    expect(of({ TERM: 'xterm-256color' })).toEqual(PLAIN_TERMINAL);
    expect(of({ TERM: 'xterm-256color', COLORTERM: 'truecolor' })).toEqual({ ...PLAIN_TERMINAL, colors: 'rgb' });
    expect(of({ TERM: 'vt220' })).toEqual({ ...PLAIN_TERMINAL, colors: 16, cursorShapes: false, titles: false });
    expect(of({ TERM: 'dumb' })).toEqual({ ...PLAIN_TERMINAL, colors: 16, cursorShapes: false, titles: false });
  });

  test('a terminal with an entry in terminfo are those of the entry', () => {
    const { answers } = new TerminalTalk();
    const extended = new Map<string, string | true>([
      ['Smulx', '\x1b[4:%p1%dm'],
      ['Setulc', '\x1b[58:…m'],
      ['RGB', true],
    ]);
    const terminfo = { colors: 256, alternateScreen: true, extended };
    expect(capabilitiesOf({ answers, environment: { TERM: 'fancy' }, terminfo, clipboard: 'write' })).toEqual({
      ...PLAIN_TERMINAL,
      colors: 'rgb',
      underlineStyles: true,
      underlineColors: true,
    });
  });

  test('no terminal have a clipboard if the user does not want it', () => {
    for (const known of Object.values(TERMINALS)) {
      const { answers } = talkWith(known);
      const { environment } = known;
      expect(capabilitiesOf({ answers, environment, terminfo: undefined, clipboard: 'off' }).clipboard).toBe(false);
    }
  });
});

describe('the facts of', () => {
  test.each([
    ['xterm', { graphemes: false, emojiPresentation: false, ambiguousWide: false }, 8, 16, 0xd3d7cf],
    ['kitty', { graphemes: true, emojiPresentation: true, ambiguousWide: false }, 16, 30, 0xd3d7cf],
    ['Alacritty', { graphemes: false, emojiPresentation: false, ambiguousWide: false }, 10, 18, 0xd3d7cf],
    ['tmux', { graphemes: false, emojiPresentation: false, ambiguousWide: false }, 0, 0, undefined],
    ['Linux console', { graphemes: false, emojiPresentation: false, ambiguousWide: false }, 0, 0, undefined],
  ])('%s', (name, widths, cellWidth, cellHeight, foreground) => {
    const known = TERMINALS[name];
    if (known === undefined) throw new Error(`no terminal ${name}`);
    const facts = factsOf(talkWith(known).answers, SIZE, false, false);
    expect(facts).toMatchObject({ widths, cellWidth, cellHeight, foreground });
    expect(facts.palette[3]).toBe(foreground === undefined ? undefined : 0x3380ff);
  });
});
