// Writes protocol/terminal/width-ranges.ts: which characters are two cells wide, and which none.
//
//   npm pack get-east-asian-width@1.7.0 && tar xzf get-east-asian-width-1.7.0.tgz
//   node build/widths.mjs package
//
// Wide are those of Unicode's EastAsianWidth.txt with W or F, which that package holds as tables. Without width are
// nonspacing and enclosing marks and format characters, as this Node's ICU classifies them, and the vowels and finals of
// conjoining Hangul. With a width all the same: the soft hyphen and the signs that span digits (Prepended_Concatenation_Mark).
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node build/widths.mjs FOLDER, the unpacked package get-east-asian-width');
  process.exit(2);
}
const { wideRanges, fullwidthRanges } = await import(pathToFileURL(resolve(folder, 'lookup-data.js')).href);

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

function ranges(width) {
  const out = [];
  for (let code = 0xa0; code < 0x11_0000; code++) {
    if (widths[code] !== width) continue;
    const first = code;
    while (code + 1 < 0x11_0000 && widths[code + 1] === width) code++;
    out.push(`0x${first.toString(16)}`, `0x${code.toString(16)}`);
  }
  return out;
}

function table(name, comment, width) {
  return `/** ${comment} */\nexport const ${name}: readonly number[] = [${ranges(width).join(', ')}];\n`;
}

const text = `/**
 * Which characters are not one cell wide, by Unicode ${process.versions.unicode}. Written by build/widths.mjs, which says by what rules.
 * Each pair of numbers is the first and the last code point of a range.
 */

${table('WIDE_RANGES', 'Two cells.', 2)}
${table('ZERO_RANGES', 'No cell: they join the character before them.', 0)}`;
writeFileSync(new URL('../protocol/terminal/width-ranges.ts', import.meta.url), text);
