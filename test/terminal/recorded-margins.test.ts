/**
 * What xterm 379 made of random output between margins, which xterm.js does not have. Recorded with `decTerminalID: 420`,
 * `allowWindowOps` and `checksumExtension: 7`, in 12 columns and 6 rows: DECRQCRA then tells the character of each cell.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emulate, replies, rowText } from './text.ts';

/** A line of the recording: the output, what it answers to CPR, and the rows. */
type Recorded = readonly [output: string, place: string, rows: readonly string[]];

const RECORDING = new URL('../fixtures/margins/xterm-379-12x6.jsonl', import.meta.url);
/** What the screen was before. */
const FULL = Array.from('ABCDEF', (letter) => letter.repeat(12)).join('\r\n');

test('margins do what they do in xterm', () => {
  const lines = readFileSync(RECORDING, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBe(400);
  for (const line of lines) {
    const [output, place, rows] = JSON.parse(line) as Recorded;
    const emulator = emulate(`${FULL}${output}\x1b[6n`, 12, 6);
    expect({ output, place: replies(emulator), rows: emulator.snapshot().rows.map(rowText) }).toEqual({
      output,
      place: `\x1b[${place}R`,
      rows,
    });
  }
});
