/** The simulated program behind the pty: prints something for each key, sometimes floods, and reads no more than it likes. */

import type { Dice } from '../../bench/link/random.ts';
import type { TtyState } from '../../protocol/session/shell-state.ts';
import { between, chance, pick, type Scenario } from './scenario.ts';

const encoder = new TextEncoder();

/** What the program prints for `bytes` of input. */
export function answerTo(bytes: Uint8Array, scenario: Scenario, dice: Dice): Uint8Array {
  switch (scenario.echo) {
    case 'silent':
      return new Uint8Array(0);
    case 'echo':
      return bytes.slice(0, 500).map((byte) => (byte % 61 === 0 ? 10 : 0x20 + (byte % 90)));
    case 'lines':
      return encoder.encode(line(dice));
    case 'fullscreen':
      return encoder.encode(paint(scenario, dice));
  }
}

/** Many lines at once. */
export function flood(dice: Dice): Uint8Array {
  let text = '';
  for (let left = between(dice, 50, 400); left > 0; left--) text += line(dice);
  return encoder.encode(text);
}

/** The terminal's line discipline after some input: mostly as it was. */
export function terminalOf(before: TtyState | undefined, dice: Dice): TtyState | undefined {
  if (chance(dice, 0.9)) return before;
  if (chance(dice, 0.1)) return undefined;
  return { echo: chance(dice, 0.5), canonical: chance(dice, 0.5), program: pick(dice, [0, 1, 0xffff_ffff]) };
}

function line(dice: Dice): string {
  let text = '';
  for (let words = between(dice, 1, 9); words > 0; words--) {
    if (chance(dice, 0.3)) text += `\x1b[${pick(dice, [0, 1, 4, 7, 31, 42, 97])}m`;
    text += `${pick(dice, ['error', 'src/a.ts', 'ok', '42', '日本語', 'é́', '─'])} `;
  }
  return `${text}\x1b[0m\r\n`;
}

function paint(scenario: Scenario, dice: Dice): string {
  const at = `\x1b[${between(dice, 1, scenario.rows)};${between(dice, 1, scenario.cols)}H`;
  switch (between(dice, 0, 6)) {
    case 0:
      return `\x1b[?1049${pick(dice, ['h', 'l'])}\x1b[2J${at}`;
    case 1:
      return `\x1b[${between(dice, 1, 5)};${between(dice, 6, 24)}r${at}\x1b[${between(dice, 1, 4)}${pick(dice, ['L', 'M', 'S', 'T'])}\x1b[r`;
    case 2:
      return `${at}\x1b[48;2;${between(dice, 0, 255)};9;99m${line(dice)}`;
    case 3:
      return `\x1b]2;title ${between(dice, 0, 9)}\x07\x07\x1b[?${pick(dice, [25, 1, 2004, 1002, 1006])}${pick(dice, ['h', 'l'])}`;
    default:
      return `${at}${line(dice)}`;
  }
}
