/**
 * Arbitrary terminal output: arrays of pieces, each a whole sequence or a bit of text, so that a failure shrinks to the few
 * that matter. `xtermProfiles` are the ones for which xterm.js is a fit judge: each leaves out, narrowly, what it gets wrong
 * or decides otherwise, and says what that is.
 */

import fc from 'fast-check';

/** Sizes are small, so that every edge is near. xterm.js has two columns at least. */
export const arbitrarySize = fc.record({ cols: fc.integer({ min: 4, max: 14 }), rows: fc.integer({ min: 3, max: 7 }) });

const small = fc.integer({ min: 0, max: 9 });
const edge = fc.integer({ min: 1, max: 16 });
const latin = fc.string({ unit: fc.constantFrom(...'abcxyz  #_~'), minLength: 1, maxLength: 20 });
const marked = fc
  .array(fc.constantFrom('e\u0301', 'o\u0302\u0323', 'a', 'b', 'é', '─', '€', '\u{1d11e}'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));
const wide = fc
  .array(fc.constantFrom('中', '文', '😀', 'か\u3099', 'x', ' '), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));

function csi(finals: readonly string[], argument: fc.Arbitrary<number> = small): fc.Arbitrary<string> {
  return fc.tuple(argument, fc.constantFrom(...finals)).map(([n, final]) => `\x1b[${n || ''}${final}`);
}

const position = fc.tuple(edge, edge).map(([row, col]) => `\x1b[${row};${col}H`);
const margins = fc.tuple(small, small).map(([top, bottom]) => `\x1b[${top || ''};${bottom || ''}r`);

const sgrCode = fc.oneof(
  fc.constantFrom('0', '1', '2', '3', '4', '5', '7', '8', '9', '', '21', '22', '23', '24', '25', '27', '28', '29'),
  fc.constantFrom('39', '49', '53', '55', '58:5:3', '58:2::1:2:3', '59', '58;5;9', '58;2;7;8;9', '10', '73'),
  fc.constantFrom('4:0', '4:1', '4:2', '4:3', '4:4', '4:5'),
  fc.integer({ min: 30, max: 37 }).map(String),
  fc.integer({ min: 40, max: 47 }).map(String),
  fc.integer({ min: 90, max: 107 }).map(String),
  fc.integer({ min: 0, max: 255 }).map((n) => `38;5;${n}`),
  fc.integer({ min: 0, max: 255 }).map((n) => `48:5:${n}`),
  fc.tuple(small, small, small).map(([r, g, b]) => `38;2;${r * 28};${g};${b}`),
  fc.tuple(small, small, small).map(([r, g, b]) => `48:2::${r * 28}:${g}:${b}`),
);
const sgr = fc.array(sgrCode, { minLength: 1, maxLength: 4 }).map((codes) => `\x1b[${codes.join(';')}m`);

const screenMode = fc
  .tuple(fc.constantFrom(1, 25, 66, 9, 1000, 1002, 1003, 1004, 2004, 2026), fc.constantFrom('h', 'l'))
  .map(([mode, final]) => `\x1b[?${mode}${final}`);
/** xterm.js takes any encoding off when 1006 or 1016 goes off, we the one that was on: so only one of them. */
const mouseEncoding = fc.constantFrom('\x1b[?1006h', '\x1b[?1006l');

const controls = fc.constantFrom('\r', '\n', '\r\n', '\r\n', '\b', '\t', '\v', '\f', '\x07', '\x00', '\x7f');
const moves = csi(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'd', '`', 'a', 'e', 'I', 'Z']);
const erases = fc.oneof(csi(['K', 'J', 'X']), fc.constantFrom('\x1b[K', '\x1b[1K', '\x1b[J', '\x1b[?2K', '\x1b[?1J'));
const lines = fc.oneof(csi(['L', 'M', 'S']), fc.constantFrom('\x1bD', '\x1bM', '\x1bE', '\u0084', '\u0085'));
/** xterm.js scrolls down without back colour erase, unlike xterm: so with the default background. */
const scrollDown = csi(['T']).map((sequence) => `\x1b[49m${sequence}`);
const tabs = fc.constantFrom('\x1bH', '\x1b[g', '\x1b[3g', '\t', '\x1b[2I', '\x1b[Z', '\u0088');
const repeat = fc.tuple(latin, fc.integer({ min: 0, max: 12 })).map(([text, n]) => `${text}\x1b[${n || ''}b`);
const titles = fc.oneof(
  fc.tuple(fc.constantFrom(0, 1, 2), latin).map(([n, text]) => `\x1b]${n};${text}\x07`),
  fc.constantFrom('\x1b]2;häß\x1b\\', '\x1b[22;0t', '\x1b[23;0t', '\x1b[22;2t', '\x1b[23;2t', '\x1b]2;lost\x18'),
);
/** Swallowed whole by both. */
const unknown = fc.constantFrom(
  '\x1b[>4;2m',
  '\x1b[?1;2s',
  '\x1b[>1u',
  '\x1b[1;2;3z',
  '\x1b[<5x',
  '\x1b[1?5x',
  '\x1b[!!x',
  '\x1b#3',
  '\x1b]777;notify;a;b\x07',
  '\x1bP1;2|abc\x1b\\',
  '\x1b_application\x1b\\',
  '\x1b^private\x1b\\',
  '\x1bXstring\x1b\\',
  '\x1b[1\x18',
  '\x1b[1\r2C',
  '\x1b[12;\x1b[C',
  '\x1b \x1b(\x1b[C',
  '\u009b2C',
  '\u009d2;c1\u009c',
  '\x1b[99999999999C',
  '\x1b[é',
);
const links = fc.constantFrom(
  '\x1b]8;;https://a/b\x1b\\',
  '\x1b]8;id=1;https://a/b\x1b\\',
  '\x1b]8;id=2;file:///x\x07',
  '\x1b]8;;\x1b\\',
);
const beside = fc.constantFrom(
  '\x1b]8;;no\u00e4\x07',
  '\x1b]4;1;rgb:12/34/56\x07',
  '\x1b]4;1;?;2;?\x07',
  '\x1b]104\x07',
  '\x1b]11;#123\x07',
  '\x1b]111\x07',
  '\x1b]7;file:///tmp\x07',
  '\x1b]9;4;1;50\x07',
  '\x1b]9;done\x07',
  '\x1b]99;i=1:d=0;a\x07',
  '\x1b]99;i=1:p=body;b\x07',
  '\x1b]52;c;aGk=\x07',
  '\x1b]52;c;?\x07',
  '\x1b]133;A\x07',
  '\x1b]133;A;k=s\x07',
  '\x1b]133;C\x07',
  '\x1b]133;D;3\x07',
  '\x1b[>1u',
  '\x1b[<u',
  '\x1b[=5;2u',
  '\x1b[?2048h',
  '\x1b[?2031h',
  '\x1b[?7;25;1049s',
  '\x1b[?7;25;1049r',
);
const questions = fc.constantFrom(
  '\x1b[5n',
  '\x1b[2;3H\x1b[6n',
  '\x1b[2;3H\x1b[?6n',
  '\x1b[18t',
  '\x1b[?1$p',
  '\x1b[?25$p',
  '\x1b[?7$p',
  '\x1b[?1002$p',
  '\x1b[?1049$p',
  '\x1b[?2004$p',
  '\x1b[4$p',
  '\x1b[?4711$p',
  '\x1bP$qr\x1b\\',
);
/** xterm.js saves neither the pending wrap, nor origin mode, nor all the character sets: so none of them here. */
const saved = fc.oneof(
  position.map((to) => `${to}\x1b7`),
  position.map((to) => `${to}\x1b[s`),
  position.map((to) => `${to}\x1b[?1048h`),
  fc.constantFrom('\x1b8', '\x1b[u', '\x1b[?1048l'),
);
/** Nor does it save links, and how underlines look. */
const savedSgr = sgr.filter((sequence) => !/58|4:|21/.test(sequence));
const screens = fc.oneof(
  position.map((to) => `${to}\x1b[?1049h`),
  fc.constantFrom('\x1b[?1049l', '\x1b[?47h', '\x1b[?47l', '\x1b[?1047h', '\x1b[?1047l'),
);
/** xterm.js keeps LNM and a hidden cursor over a reset, keeps the margins over DECALN and draws it with the pen. */
const resets = fc.constantFrom('\x1b[!p', '\x1bc\x1b[20l\x1b[?25h', '\x1b[r\x1b[m\x1b#8');
const charsets = fc.constantFrom(
  '\x1b(0',
  '\x1b(B',
  '\x1b)0',
  '\x1b)A',
  '\x1b*0',
  '\x0e',
  '\x0f',
  '\x1bn',
  '\x1bo',
  '\x1b%G',
);
const writing = fc.constantFrom('\x1b[4h', '\x1b[4l', '\x1b[20h', '\x1b[20l', '\x1b[?45h', '\x1b[?45l', '\x1b[4;20l');
const autowrap = fc.constantFrom('\x1b[?7h', '\x1b[?7l');
const columns = csi(['@', 'P', ' @', ' A']);
/** xterm.js takes a cursor waiting to wrap for one in column 0 here. */
const insertColumns = fc.tuple(position, csi(["'}", "'~"])).map(([to, sequence]) => to + sequence);

const always = [latin, latin, marked, controls, position, sgr, links] as const;

function pieces(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.oneof(...parts), { maxLength: 40 });
}

/** Output for which xterm.js is the judge, by what it is about. */
export const xtermProfiles: Readonly<Record<string, fc.Arbitrary<readonly string[]>>> = {
  'moving and erasing': pieces(...always, moves, erases, repeat, tabs, titles, unknown),
  // Without wide characters, of which xterm.js leaves halves when it inserts cells or has no autowrap.
  editing: pieces(
    ...always,
    moves,
    erases,
    columns,
    insertColumns,
    lines,
    margins,
    writing,
    autowrap,
    charsets,
    repeat,
    resets,
  ),
  'wide characters': pieces(...always, wide, wide, moves, erases, lines, margins, repeat, csi(['P'])),
  scrolling: pieces(...always, lines, scrollDown, margins, erases, moves),
  // Without the moves that xterm.js counts from the margin twice.
  'origin mode': pieces(...always, csi(['d']), margins, lines, erases, fc.constantFrom('\x1b[?6h', '\x1b[?6l')),
  'both screens': pieces(
    latin,
    latin,
    marked,
    controls,
    position,
    savedSgr,
    screens,
    saved,
    margins,
    lines,
    erases,
    tabs,
    resets,
  ),
  'modes and questions': pieces(latin, screenMode, mouseEncoding, questions, screens, resets, titles),
};

/** Whatever a stream may hold, well formed or not, for properties that need no judge. */
export const anyOutput: fc.Arbitrary<readonly string[]> = pieces(
  ...always,
  wide,
  wide,
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  moves,
  erases,
  columns,
  insertColumns,
  lines,
  scrollDown,
  margins,
  writing,
  autowrap,
  charsets,
  repeat,
  screens,
  saved,
  tabs,
  titles,
  links,
  links,
  beside,
  unknown,
  questions,
  resets,
  screenMode,
  csi(['b', 'S', 'T', 'L', 'M', '@', 'P'], fc.constantFrom(1_000, 65_535, 9_999_999)),
  fc.constantFrom('\x1b[?6h', '\x1b[?6l', '\u0301', '\u200d', '\x1b[', '\x1b]', '\x1bP$q', '\x1b', '\x18'),
);
