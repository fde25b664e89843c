/**
 * Programs that mean harm, or `cat /dev/urandom`: floods of what an emulator has to keep something of, on the smallest and the largest
 * screens. Nothing throws, what is kept stays within bounds, and the screen is one that can travel.
 */

import { memoryUsage } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { diffScreens } from '../../protocol/screen/diff.ts';
import { patchScreen } from '../../protocol/screen/patch.ts';
import { blankScreen, equalScreens, type Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { screenFault } from '../screen/arbitrary-screen.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MEGABYTE = 1_048_576;
/** What an emulator of 80x24 with 1,000 lines of history may keep after anything: many times what it needs. */
const KEPT_MAX_BYTES = 12 * MEGABYTE;
const PIECE = 65_536;
const encoder = new TextEncoder();

/** A generator of numbers that look random: the same each time. */
function* noise(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    yield x >>> 8;
  }
}

function randomBytes(length: number, seed: number, alphabet?: string): Uint8Array {
  const numbers = noise(seed);
  const letters = alphabet === undefined ? undefined : encoder.encode(alphabet);
  return Uint8Array.from({ length }, () => {
    const n = numbers.next().value;
    return letters === undefined ? n & 255 : (letters[n % letters.length] ?? 0);
  });
}

/** What is in memory. Buffers are given back a moment after they have been collected. */
async function bytesInMemory(): Promise<number> {
  collect();
  await setImmediate();
  collect();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return heapUsed + arrayBuffers;
}

function repeated(count: number, piece: (index: number) => string): Uint8Array {
  return encoder.encode(Array.from({ length: count }, (_, index) => piece(index)).join(''));
}

const LONG_URI = `https://a/${'x'.repeat(65_536)}`;
const FLOODS: readonly (readonly [what: string, bytes: () => Uint8Array])[] = [
  ['random bytes', () => randomBytes(MEGABYTE / 4, 1)],
  [
    'random sequences',
    () => randomBytes(MEGABYTE / 4, 2, '\x1b\x1b\x1b[[]];;:??>0123456789hlmHJKLMPSTrstuq8;PX^_\\\x07\x18ab\n'),
  ],
  [
    'random commands',
    () => randomBytes(MEGABYTE / 4, 3, '\x1b]\x1b]\x1b]84;10;52;c;99;133;A;D;k=s?::https#/ab=\x07\x07\x07\n'),
  ],
  [
    'a million changes of attributes',
    () => repeated(1_000_000, (i) => `\x1b[${30 + (i % 8)};4:${i % 6};58:5:${i % 256}${i % 3 === 0 ? 'm' : 'mx'}`),
  ],
  ['links of 64 kB', () => repeated(20, (i) => `\x1b]8;id=${i};${LONG_URI}${i}\x1b\\x`)],
  [
    'links, each as long as may be',
    () => repeated(1_500, (i) => `\x1b]8;;http://${String(i).padEnd(2_070, 'y')}\x1b\\x`),
  ],
  ['links without an end', () => encoder.encode(`\x1b]8;;http://${'x'.repeat(MEGABYTE)}`)],
  ['titles, and a stack of them', () => repeated(1_000, (i) => `\x1b]0;${'t'.repeat(1_000)}${i}\x07\x1b[22;0t`)],
  ['notices in pieces that never end', () => repeated(10_000, (i) => `\x1b]99;i=${i}:d=0;${'n'.repeat(60)}\x07`)],
  ['a notice of one piece after another', () => repeated(10_000, () => `\x1b]99;i=1:d=0;${'n'.repeat(60)}\x07`)],
  ['copies', () => repeated(30, () => `\x1b]52;c;${'QUJD'.repeat(20_000)}\x07`)],
  [
    'a palette again and again',
    () => repeated(40_000, (i) => `\x1b]4;${i % 300};#${(i % 4096).toString(16).padStart(3, '0')}\x07`),
  ],
  ['prompts', () => repeated(30_000, (i) => `\x1b]133;D;${i % 300}\x07\x1b]133;A\x07$\n`)],
  ['keyboards pushed', () => repeated(30_000, (i) => `\x1b[>${i % 40}u`)],
  ['modes kept', () => repeated(30_000, (i) => `\x1b[?${i}s`)],
  ['questions', () => repeated(50_000, () => '\x1b[c\x1b[6n\x1b]4;1;?\x07\x1b[?2026$p')],
  ['marks upon marks', () => repeated(300_000, (i) => (i % 1_000 === 0 ? 'a' : '\u0301'))],
  [
    'tab stops and margins',
    () => repeated(30_000, (i) => `\x1b[${i % 90}G\x1bH\x1b[${i % 30};${i % 40}r\x1b[9999999S`),
  ],
  ['frames that never end', () => repeated(30_000, () => '\x1b[?2026hx\n')],
];

function expectSound(screen: Screen): void {
  expect(screenFault(screen)).toBeUndefined();
  const blank = blankScreen(screen.cols, screen.rows.length);
  expect(equalScreens(patchScreen(blank, diffScreens(blank, screen)), screen)).toBe(true);
}

describe('a flood of', () => {
  test.each(FLOODS)('%s leaves a sound screen and little in memory', async (_what, make) => {
    const bytes = make();
    const emulator = new Emulator({ cols: 80, rows: 24, history: new HistoryLog(1_000) });
    const before = await bytesInMemory();
    let answered = 0;
    for (let at = 0; at < bytes.length; at += PIECE) {
      emulator.write(bytes.subarray(at, at + PIECE));
      answered += emulator.takeReplies().length;
      emulator.snapshot();
    }
    const kept = (await bytesInMemory()) - before;
    expect(kept).toBeLessThan(KEPT_MAX_BYTES);
    expect(answered).toBeLessThanOrEqual(bytes.length * 8);
    emulator.release();
    expectSound(emulator.snapshot());
  });
});

describe('a screen of', () => {
  test.each([
    [1, 1],
    [1, 1_000],
    [1_000, 1],
    [1_000, 1_000],
  ])('%i columns and %i rows takes anything', (cols, rows) => {
    const emulator = new Emulator({ cols, rows, history: new HistoryLog(100) });
    for (const [, make] of FLOODS.slice(0, 3))
      emulator.write(make().subarray(0, cols * rows === 1_000_000 ? 20_000 : PIECE));
    emulator.write(
      encoder.encode('\x18\x1b[1;1H中👩\u200d🚀e\u0301\x1b]8;;http://a\x07中中中\x1b[9999b\x1b[9999;9999Hend'),
    );
    emulator.release();
    expectSound(emulator.snapshot());
    emulator.resize(2, 2);
    expectSound(emulator.snapshot());
    emulator.resize(cols, rows);
    expectSound(emulator.snapshot());
  });
});
