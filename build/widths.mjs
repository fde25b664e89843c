// Writes protocol/terminal/width-ranges.ts, which characters are two cells wide, and which none, and grapheme-ranges.ts, which join
// others to one character.
//
//   npm pack get-east-asian-width@1.7.0 && tar xzf get-east-asian-width-1.7.0.tgz
//   node build/widths.mjs package
//
// Wide are those of Unicode's EastAsianWidth.txt with W or F, which that package holds as tables. Without width are
// nonspacing and enclosing marks and format characters, as this Node's ICU classifies them, and the vowels and finals of
// conjoining Hangul. With a width all the same: the soft hyphen and the signs that span digits (Prepended_Concatenation_Mark).
//
// The classes of UAX #29 that no property of a regular expression names are found out by asking this Node's own segmenter.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node build/widths.mjs FOLDER, the unpacked package get-east-asian-width');
  process.exit(2);
}
const { wideRanges, fullwidthRanges, ambiguousRanges } = await import(
  pathToFileURL(resolve(folder, 'lookup-data.js')).href
);

const NARROW_FORMAT = [
  0xad, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6dd, 0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd,
];
const widths = new Uint8Array(0x11_0000).fill(1);
for (const ranges of [wideRanges, fullwidthRanges]) {
  for (let i = 0; i < ranges.length; i += 2) widths.fill(2, ranges[i], ranges[i + 1] + 1);
}
for (let code = 0xa0; code < 0x11_0000; code++) {
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(String.fromCodePoint(code))) widths[code] = 0;
}
widths.fill(0, 0x1160, 0x1200);
widths.fill(0, 0xd7b0, 0xd800);
for (const code of NARROW_FORMAT) widths[code] = 1;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const joined = (...codes) => [...segmenter.segment(String.fromCodePoint(...codes))].length === 1;
const LETTER = 0x61;
const CONSONANT = 0x915;
const LINKER = 0x94d;
const PERSON = 0x1f469;
const JOINER = 0x200d;
const LEADING = 0x1100;
const TRAILING = 0x11a8;
// Most of the code points, and they would take a minute.
const ORDINARY =
  /\p{Co}|(?=\p{Lo})\p{Script=Han}|(?=\p{Cn})[^\p{Extended_Pictographic}\p{Default_Ignorable_Code_Point}\u{fff0}-\u{fff8}]/u;

function classOf(code) {
  const character = String.fromCodePoint(code);
  if (code === JOINER) return 'joiner';
  if (ORDINARY.test(character)) return 'other';
  if (/\p{Regional_Indicator}/u.test(character)) return 'flag';
  if (joined(LETTER, code)) {
    if (!/[\p{Grapheme_Extend}\p{Emoji_Modifier}]/u.test(character)) return 'spacing';
    if (joined(CONSONANT, code, CONSONANT)) return 'linker';
    return joined(CONSONANT, LINKER, code, CONSONANT) ? 'extend' : 'plainExtend';
  }
  if (joined(code, LETTER)) return 'prepend';
  if (joined(code, LEADING)) return 'leading';
  if (joined(LEADING, code)) return 'vowel';
  if (joined(TRAILING, code)) return 'trailing';
  if (joined(CONSONANT, LINKER, code)) return 'consonant';
  if (joined(PERSON, JOINER, code)) return 'pictograph';
  return joined(code, 0x300) ? 'other' : 'control';
}

const classes = new Map();
for (let code = 0; code < 0x11_0000; code++) {
  if (code >= 0xd800 && code < 0xe000) continue;
  // Syllables of two and of three letters take turns there: told apart by computing.
  const name = code >= 0xac00 && code <= 0xd7a3 ? 'syllable' : classOf(code);
  classes.set(code, name);
}

function ranges(has) {
  const out = [];
  for (let code = 0; code < 0x11_0000; code++) {
    if (!has(code)) continue;
    const first = code;
    while (code + 1 < 0x11_0000 && has(code + 1)) code++;
    out.push(`0x${first.toString(16)}`, `0x${code.toString(16)}`);
  }
  return out;
}

function table(name, comment, has) {
  return `/** ${comment} */\nexport const ${name}: readonly number[] = [${ranges(has).join(', ')}];\n`;
}

function isAmbiguous(code) {
  // Private characters are ambiguous, too, but what stands there in practice is one cell wide.
  if (widths[code] !== 1 || /\p{Co}/u.test(String.fromCodePoint(code))) return false;
  for (let i = 0; i < ambiguousRanges.length; i += 2) {
    if (code >= ambiguousRanges[i] && code <= ambiguousRanges[i + 1]) return true;
  }
  return false;
}

function isPresentable(code) {
  const character = String.fromCodePoint(code);
  return widths[code] === 1 && /\p{Emoji}/u.test(character) && !/\p{Emoji_Presentation}/u.test(character);
}

function write(file, text) {
  writeFileSync(new URL(`../protocol/terminal/${file}`, import.meta.url), text);
}

const SOURCE = `by Unicode ${process.versions.unicode}. Written by build/widths.mjs, which says by what rules.
 * Each pair of numbers is the first and the last code point of a range.`;

write(
  'width-ranges.ts',
  `/**
 * Which characters are not one cell wide, ${SOURCE}
 */

${table('WIDE_RANGES', 'Two cells.', (code) => code >= 0xa0 && widths[code] === 2)}
${table('ZERO_RANGES', 'No cell: they join the character before them.', (code) => code >= 0xa0 && widths[code] === 0)}
${table('AMBIGUOUS_RANGES', 'One cell, or two where East Asian characters are usual.', isAmbiguous)}
${table('PRESENTABLE_RANGES', 'One cell, but an emoji if U+FE0F follows.', isPresentable)}`,
);

const inClass = (name) => (code) => classes.get(code) === name;
write(
  'grapheme-ranges.ts',
  `/**
 * Which characters join others to one (UAX #29), ${SOURCE}
 */

${table('CONTROL_RANGES', 'Control: nothing joins these.', inClass('control'))}
${table('EXTEND_RANGES', 'Extend, and in Indic conjuncts, too.', inClass('extend'))}
${table('PLAIN_EXTEND_RANGES', 'Extend that ends an Indic conjunct.', inClass('plainExtend'))}
${table('LINKER_RANGES', 'Extend that links consonants to an Indic conjunct.', inClass('linker'))}
${table('CONSONANT_RANGES', 'Consonants of Indic conjuncts.', inClass('consonant'))}
${table('SPACING_RANGES', 'SpacingMark.', inClass('spacing'))}
${table('PREPEND_RANGES', 'Prepend.', inClass('prepend'))}
${table('LEADING_RANGES', 'L: leading consonants of Hangul.', inClass('leading'))}
${table('VOWEL_RANGES', 'V: vowels of Hangul.', inClass('vowel'))}
${table('TRAILING_RANGES', 'T: final consonants of Hangul.', inClass('trailing'))}
${table('PICTOGRAPH_RANGES', 'Extended_Pictographic.', inClass('pictograph'))}`,
);
