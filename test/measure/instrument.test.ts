/**
 * The instrument, put to clients whose faults are known: what was planted must be what is measured.
 */

import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { median } from '../../bench/figures.ts';
import { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import { typeAndWatch, type WatchedKeys } from '../../bench/measure/key-watch.ts';
import { checkReference, learnReference, type Reference } from '../../bench/measure/reference.ts';
import type { Stroke } from '../../bench/work/stroke.ts';

const CLIENT = join(dirname(fileURLToPath(import.meta.url)), 'planted-client.mjs');
const SHELL = ['bash', '--norc', '--noprofile'];
const ENVIRONMENT = { PS1: 'lab$ ', HISTFILE: '', INPUTRC: '/dev/null' };
const CLEAR: Stroke = { kind: 'command', keys: '\x0c', gapMs: 0, awaited: true, measured: false };

/** Sixty letters, some of them twice in a row, none of them wide of the line. */
const LETTERS = [...'echo the quick brown fox jumps over the lazy dog 0123456789 aabb'.replaceAll(' ', 'x')];
const STROKES: readonly Stroke[] = [
  CLEAR,
  ...LETTERS.map((keys): Stroke => ({ kind: 'letter', keys, gapMs: 25, awaited: false, measured: true })),
];

let reference: Reference;
const terminals = new Set<ScreenTerminal>();

async function start(command: readonly string[]): Promise<ScreenTerminal> {
  const terminal = new ScreenTerminal({ command, env: ENVIRONMENT });
  terminals.add(terminal);
  await terminal.waitFor('lab$');
  return terminal;
}

/** A prompt that answers nothing. */
function deaf(then: string): readonly string[] {
  return ['sh', '-c', `stty raw -echo; printf "lab$ "; ${then}`];
}

/** Types the letters into a client with these faults. */
async function watch(faults: readonly string[]): Promise<WatchedKeys> {
  const terminal = await start([process.execPath, CLIENT, ...faults, '--', ...SHELL]);
  const watched = await typeAndWatch(terminal, STROKES, reference, { timeoutMs: 5_000 });
  await terminal.close();
  expect(watched.failure).toBeUndefined();
  expect(watched.keys.map(({ keys }) => keys)).toEqual(LETTERS);
  return watched;
}

function shown({ keys }: WatchedKeys): readonly number[] {
  return keys.map(({ shownMs }) => shownMs ?? Number.POSITIVE_INFINITY);
}

beforeAll(async () => {
  reference = await learnReference(await start(SHELL), STROKES, { settleMs: 20 });
});

afterAll(async () => {
  await Promise.all([...terminals].map((terminal) => terminal.close()));
});

describe('the instrument', () => {
  test('shows a planted delay of 10 ms as 10 ms, and nothing wrong', async () => {
    const watched = await watch(['--delay-ms=10']);
    const times = shown(watched);
    const late = times.filter((_, index) => index % 2 === 1);
    const prompt = times.filter((_, index) => index % 2 === 0);
    const difference = median(late) - median(prompt);
    expect(difference).toBeGreaterThan(8);
    expect(difference).toBeLessThan(13);
    expect(watched.keys.filter(({ wrongMs }) => wrongMs !== undefined)).toEqual([]);
  });

  test('catches every wrong letter and no other', async () => {
    const { keys } = await watch(['--wrong-ms=30']);
    const wrong = keys.flatMap(({ wrongMs }, index) => (wrongMs === undefined ? [] : [index]));
    expect(wrong).toEqual(LETTERS.flatMap((_, index) => ((index + 1) % 10 === 0 ? [index] : [])));
    for (const index of wrong) expect(keys[index]?.wrongMs).toBeGreaterThan(20);
  });

  test('sees what a client shows before its server does', async () => {
    const watched = await watch(['--predict-ms=400']);
    expect(median(shown(watched))).toBeLessThan(200);
    expect(watched.keys.filter(({ wrongMs }) => wrongMs !== undefined)).toEqual([]);
  });

  test('says in one line that the screen is not what a work begins with', async () => {
    const terminal = await start(SHELL);
    terminal.type('ls');
    await terminal.waitFor('lab$ ls');
    const { keys, failure } = await typeAndWatch(terminal, STROKES, reference, { timeoutMs: 200 });
    expect(failure).toBe('the screen is not what the work begins with: row 1 is "lab$ ls" instead of "lab$"');
    expect(keys).toEqual([]);
  });

  test('gives up a session that shows nothing any more', async () => {
    const terminal = await start(deaf('exec sleep 60'));
    const { keys, failure } = await typeAndWatch(terminal, STROKES, reference, { timeoutMs: 150 });
    expect(failure).toMatch(/^[3-9] keys in a row not on the screen within 150 ms$/);
    expect(keys.length).toBeGreaterThanOrEqual(3);
    for (const key of keys) expect(key.shownMs).toBeNull();
  });

  test('says that a session has ended, and counts the keys that it took with it', async () => {
    const terminal = await start(deaf('head -c 3 >/dev/null; exit 7'));
    const { keys, failure } = await typeAndWatch(terminal, STROKES, reference, { timeoutMs: 5_000 });
    expect(failure).toBe('the session ended with status 7');
    expect(keys.length).toBeGreaterThanOrEqual(2);
    for (const key of keys) expect(key.shownMs).toBeNull();
  });

  test('stops when it is asked to, and leaves out the keys whose fate is open', async () => {
    const terminal = await start(deaf('exec sleep 60'));
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const watching = typeAndWatch(terminal, STROKES, reference, { timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    expect(await watching).toEqual({ keys: [], failure: 'interrupted' });
  });
});

describe('a reference', () => {
  const stroke = (keys: string, more: Partial<Stroke> = {}): Stroke => ({
    kind: 'letter',
    keys,
    gapMs: 0,
    awaited: false,
    measured: true,
    ...more,
  });
  const enter = stroke('\r', { kind: 'enter', awaited: true });

  test('is the same when it is learnt again, and holds what was there for an instant', async () => {
    const strokes = [CLEAR, ...[..."printf 'ab\\bc\\n'"].map((keys) => stroke(keys)), enter];
    const [a, b] = await Promise.all(
      [1, 2].map(async () => await learnReference(await start(SHELL), strokes, { settleMs: 20 })),
    );
    if (a === undefined || b === undefined) throw new Error('not learnt');
    expect(checkReference(a, b)).toEqual([]);
    expect(a.states.at(-1)?.rows[1]?.text.trimEnd()).toBe('ac');
    expect(a.everHeld(1, 1, 'b')).toBe(true);
    expect(a.everHeld(1, 1, 'x')).toBe(false);
    expect(a.everHeld(0, 0, 'l')).toBe(true);
  });

  test('is refused when the work plays differently each time, by stroke and row', async () => {
    const strokes = [CLEAR, ...[...'echo $$'].map((keys) => stroke(keys)), enter];
    const [a, b] = await Promise.all(
      [1, 2].map(async () => await learnReference(await start(SHELL), strokes, { settleMs: 20 })),
    );
    if (a === undefined || b === undefined) throw new Error('not learnt');
    expect(checkReference(a, b)).toEqual([
      expect.stringMatching(/^after stroke 9 \("\\r"\), the second time row 2 is "\d+" instead of "\d+"$/),
    ]);
  });

  test('waits for a program that starts, and says which stroke ended it', async () => {
    const strokes = [CLEAR, ...[...'sleep 0.3;exit 3'].map((keys) => stroke(keys)), enter];
    const program = await start(SHELL);
    await expect(learnReference(program, strokes, { settleMs: 20, awaitedSettleMs: 600 })).rejects.toThrow(
      'the program ended with 3 after stroke 18 ("\\r")',
    );
  });
});
