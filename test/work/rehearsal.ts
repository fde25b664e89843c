/**
 * Plays of works in a real terminal with bash and no network: slowly, letting the screen settle after each key, to learn what stands
 * then; and again, key by key or as fast as it goes, to see that the same comes out.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROMPT } from '../../bench/lab/lab.ts';
import { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import type { Stroke, TypedWork } from '../../bench/work/stroke.ts';

/** Where the programs of a distribution are: no one's own versions of them. */
const PATH = '/usr/local/bin:/usr/bin:/bin';
const SETTLE_MS = 50;
const AWAITED_SETTLE_MS = 150;
const EFFECT_MS_MAX = 5000;

/** The programs of a work that this machine does not have. */
export function missingPrograms(work: Pick<TypedWork, 'programs'>): readonly string[] {
  return work.programs.filter((name) => spawnSync(name, ['--version'], { env: { PATH } }).error !== undefined);
}

/** Opens bash in a folder of its own with these files, which is gone afterwards. */
export async function withBash<T>(
  files: TypedWork['files'],
  use: (terminal: ScreenTerminal, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rove-work-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const terminal = new ScreenTerminal({
    command: ['bash', '--norc', '--noprofile'],
    env: { HOME: folder, PS1: PROMPT, HISTFILE: '', PATH },
    cwd: folder,
  });
  try {
    await terminal.waitFor(PROMPT.trimEnd());
    return await use(terminal, folder);
  } finally {
    await terminal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of the screen and the place of the cursor. */
export function look(terminal: ScreenTerminal): string {
  const { x, y } = terminal.cursor;
  return [...terminal.rows(), `cursor ${x},${y}`].join('\n');
}

/** Types slowly; gives the look of the screen after each stroke. */
export async function rehearse(terminal: ScreenTerminal, strokes: readonly Stroke[]): Promise<readonly string[]> {
  const looks: string[] = [];
  for (const stroke of strokes) {
    const printed = terminal.outputBytes;
    const typedAt = terminal.type(stroke.keys);
    const hasEffect = stroke.kind !== 'silent' || stroke.awaited;
    while (hasEffect && terminal.outputBytes === printed && performance.now() < typedAt + EFFECT_MS_MAX) {
      await sleep(10);
    }
    const settleMs = stroke.awaited ? AWAITED_SETTLE_MS : SETTLE_MS;
    for (;;) {
      const restMs = Math.max(terminal.lastOutputAt, typedAt) + settleMs - performance.now();
      if (restMs <= 0) break;
      await sleep(restMs);
    }
    looks.push(look(terminal));
  }
  return looks;
}

/** Types again, each key as soon as the one before stands as it did; throws at the first one that comes out differently. */
export async function repeat(
  terminal: ScreenTerminal,
  strokes: readonly Stroke[],
  looks: readonly string[],
): Promise<void> {
  for (const [index, stroke] of strokes.entries()) {
    terminal.type(stroke.keys);
    await stands(terminal, index, stroke, looks);
  }
}

/** Types as fast as it goes: only what is waited for is waited for, and everything before it comes in one piece. */
export async function rush(
  terminal: ScreenTerminal,
  strokes: readonly Stroke[],
  looks: readonly string[],
): Promise<void> {
  let keys = '';
  for (const [index, stroke] of strokes.entries()) {
    keys += stroke.keys;
    if (!stroke.awaited) continue;
    terminal.type(keys);
    keys = '';
    await stands(terminal, index, stroke, looks);
  }
}

async function stands(
  terminal: ScreenTerminal,
  index: number,
  stroke: Stroke,
  looks: readonly string[],
): Promise<void> {
  await terminal
    .waitFor(() => look(terminal) === looks[index], EFFECT_MS_MAX)
    .catch((error: unknown) => {
      const name = `stroke ${index} (${JSON.stringify(stroke.keys)})`;
      throw new Error(`after ${name}:\n${looks[index]}\nwas expected\n${error}`);
    });
}
