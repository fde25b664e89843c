/**
 * What the user's terminal can do, for the renderer: by the terminal's own answers where there is a question for it, else by its entry in
 * terminfo, else by what its name is known to stand for. The table was read from the terminals' own documentation: xterm's, kitty's and
 * contour's pages on control sequences, foot-ctlseqs(7), the change logs of VTE, tmux, WezTerm, Konsole, mintty, Alacritty, Windows
 * Terminal, iTerm2 and Ghostty. What is not documented is not claimed: a missing claim costs a colour of an underline, a wrong one may
 * cost rubbish on the screen.
 */

import { type Capabilities, FULL_TERMINAL, PLAIN_TERMINAL } from '../../protocol/render/capabilities.ts';
import type { Answers } from './answers.ts';
import type { ClipboardPermission } from './clipboard.ts';
import { terminalName } from './terminal-name.ts';
import type { Terminfo } from './terminfo.ts';

export interface KnownTerminal {
  readonly answers: Answers;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminfo: Terminfo | undefined;
  readonly clipboard: ClipboardPermission;
}

const STYLED: Partial<Capabilities> = { colors: 'rgb', underlineStyles: true, underlineColors: true };
const COLORS: Partial<Capabilities> = { palette: true, dynamicColors: true };
const LOCATED: Partial<Capabilities> = { marks: true, directory: true };
/** Nothing but cells in 16 colours. */
const BARE: Partial<Capabilities> = { colors: 16, cursorShapes: false, titles: false };
/** Keyboards, synchronized output and colour schemes are asked for: no table has them. */
const ASKED: Partial<Capabilities> = { keyboard: false, synchronized: false, colorSchemeReports: false };

/** By name, what is more than plain; the version is as in terminal-name.ts. */
const TABLE: Readonly<Record<string, (version: number) => Partial<Capabilities>>> = {
  kitty: () => ({ ...STYLED, ...COLORS, ...LOCATED, links: true, clipboard: true, notices: 'osc99' }),
  foot: () => ({ ...STYLED, ...COLORS, ...LOCATED, links: true, clipboard: true, notices: 'osc777', otherKeys: true }),
  wezterm: () => ({
    ...STYLED,
    ...COLORS,
    ...LOCATED,
    overline: true,
    links: true,
    clipboard: true,
    notices: 'osc777',
    otherKeys: true,
  }),
  ghostty: () => ({ ...FULL_TERMINAL, ...ASKED, notices: 'osc777' }),
  contour: () => ({ ...FULL_TERMINAL, ...ASKED, notices: 'osc777', progress: false, otherKeys: false }),
  // rove itself.
  rove: () => ({ ...FULL_TERMINAL, ...ASKED, otherKeys: false }),
  iterm2: (version) => ({
    ...STYLED,
    ...COLORS,
    ...LOCATED,
    links: true,
    clipboard: true,
    notices: 'osc9',
    progress: version >= 3_007,
    otherKeys: true,
  }),
  vte: (version) => ({
    ...COLORS,
    colors: 'rgb',
    underlineStyles: version >= 5_200,
    underlineColors: version >= 5_200,
    overline: version >= 5_200,
    links: version >= 5_000,
    directory: true,
    progress: version >= 8_000,
  }),
  konsole: () => ({ ...COLORS, ...LOCATED, colors: 'rgb', overline: true, links: true }),
  alacritty: () => ({ ...STYLED, ...COLORS, links: true, clipboard: true }),
  'windows-terminal': () => ({
    ...STYLED,
    ...COLORS,
    overline: true,
    links: true,
    clipboard: true,
    progress: true,
    marks: true,
  }),
  mintty: () => ({
    ...STYLED,
    ...COLORS,
    directory: true,
    overline: true,
    links: true,
    clipboard: true,
    progress: true,
    otherKeys: true,
  }),
  'xterm.js': () => ({
    ...STYLED,
    ...COLORS,
    ...LOCATED,
    overline: true,
    links: true,
    clipboard: true,
    progress: true,
  }),
  // The clipboard only where the user has allowed it; what is not allowed is dropped there.
  xterm: (version) => ({ ...COLORS, colors: version >= 331 ? 'rgb' : 256, clipboard: true, otherKeys: version >= 216 }),
  tmux: (version) => ({
    ...STYLED,
    ...COLORS,
    overline: true,
    links: version >= 3_004,
    clipboard: true,
    directory: true,
    marks: version >= 3_004,
  }),
  urxvt: () => ({ ...COLORS }),
  st: () => ({ ...COLORS, colors: 'rgb', clipboard: true }),
  putty: () => ({ colors: 'rgb', palette: true }),
  apple: () => ({ directory: true }),
  screen: () => ({ cursorShapes: false }),
  linux: () => BARE,
  dumb: () => BARE,
};

/** What the renderer may write. */
export function capabilitiesOf({ answers, environment, terminfo, clipboard }: KnownTerminal): Capabilities {
  const { name, version } = terminalName(answers, environment);
  const known: Capabilities = {
    ...PLAIN_TERMINAL,
    ...unknownColors(name, environment, terminfo),
    ...TABLE[name]?.(version),
  };
  const has = (capability: string): boolean =>
    answers.capabilities.has(capability) || terminfo?.extended.has(capability) === true;
  const rendition = answers.rendition?.split(';');
  const renders = (part: string, otherwise: boolean): boolean =>
    rendition === undefined ? otherwise : rendition.some((each) => each === part || each.startsWith(`${part}:`));
  const isBare = known.colors === 16;
  return {
    ...known,
    colors: isRgb(known, answers, environment, has, renders('38:2', false)) ? 'rgb' : known.colors,
    underlineStyles: renders('4:3', known.underlineStyles || has('Su') || has('Smulx')),
    underlineColors: renders('58', known.underlineColors || has('Setulc')),
    overline: renders('53', known.overline),
    synchronized: isMode(answers, 2026),
    colorSchemeReports: isMode(answers, 2031),
    cursorShapes: known.cursorShapes || (!isBare && has('Ss')),
    clipboard:
      clipboard !== 'off' &&
      (known.clipboard || has('Ms') || answers.attributes?.includes(CLIPBOARD_ATTRIBUTE) === true),
    keyboard: answers.keyboard,
    otherKeys: known.otherKeys || answers.otherKeys,
  };
}

/** DA1's number for a clipboard that can be written. */
const CLIPBOARD_ATTRIBUTE = 52;

/** An unknown name with few colours is an old or a bare terminal. */
function unknownColors(
  name: string,
  { TERM = '' }: KnownTerminal['environment'],
  terminfo: Terminfo | undefined,
): Partial<Capabilities> {
  if (name !== '' || TERM.startsWith('xterm')) return {};
  return (terminfo?.colors ?? 0) < 256 ? BARE : {};
}

function isRgb(
  known: Capabilities,
  { capabilities }: Answers,
  { COLORTERM, TERM = '' }: KnownTerminal['environment'],
  has: (capability: string) => boolean,
  isRendered: boolean,
): boolean {
  if (known.colors === 'rgb' || isRendered || capabilities.has('RGB') || has('RGB') || has('Tc')) return true;
  // It is passed on by screen(1), which does not have them.
  return (COLORTERM === 'truecolor' || COLORTERM === '24bit') && !TERM.startsWith('screen') && known.colors !== 16;
}

/** The terminal knows the mode, and it can be set. */
function isMode({ modes }: Answers, mode: number): boolean {
  return [1, 2, 3].includes(modes.get(mode) ?? 0);
}
