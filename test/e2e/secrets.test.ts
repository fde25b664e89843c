/**
 * A password is never shown: real programs that ask for one, on every link, with predictions that are proved to be on. It is typed
 * ahead of the question, right after the Enter that leads to it, and again while the question stands.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { type Lab, PROMPT } from '../../bench/lab/lab.ts';
import type { Expectation, ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import { ROVE } from '../../bench/lab/shells.ts';
import { emulatedLink } from '../../bench/latency/emulated-link.ts';
import { LabPlace } from '../../bench/latency/lab-place.ts';
import { symmetric } from '../../bench/link/link.ts';
import type { LinkPreset } from '../../bench/link/link-preset.ts';
import { PRESETS } from '../../bench/link/presets.ts';
import {
  FISH_PLACE,
  RELAY_PLACES,
  type SecretPlace,
  type SecretPrompt,
  SHELL_PLACE,
  writeSecretPrompts,
} from './secret-prompt.ts';
import { AHEAD, SecretWatch, STANDING } from './secret-watch.ts';
import { MISSING, SUBJECT, titled } from './subject.ts';

/** A quick typist's. */
const GAP_MS = 30;
const WAIT_MS = 40_000;
/** So long after a line has been answered, the server has said so, and the program reads. */
const ANSWERED_MS = 500;
/** A guess is drawn within so long, even on a busy machine, or not before the cable is mended. */
const GUESS_MS = 3_000;
const LINES_MAX = 4;
/** From this round trip on, a letter that is there before an answer can be is no matter of how busy the machine is. */
const SURELY_SLOW_MS = 200;

/** Who types what in one session. */
interface Typist {
  readonly predict: 'always' | 'adaptive';
  readonly places: readonly SecretPlace[];
}

const [TMUX, SCRIPT] = RELAY_PLACES;
const EVERYWHERE: readonly Typist[] = [
  { predict: 'always', places: [SHELL_PLACE] },
  { predict: 'always', places: [TMUX, SCRIPT, FISH_PLACE] },
];
/** Where a round trip takes long, more of them at a time. */
const SIDE_BY_SIDE: readonly Typist[] = [
  { predict: 'always', places: [{ ...SHELL_PLACE, prompts: SHELL_PLACE.prompts.slice(0, 3) }] },
  { predict: 'always', places: [{ ...SHELL_PLACE, prompts: SHELL_PLACE.prompts.slice(3) }] },
  { predict: 'always', places: [TMUX] },
  { predict: 'always', places: [SCRIPT, FISH_PLACE] },
];
/** Where it takes seconds: two questions. */
const PATIENT: readonly Typist[] = ['getpass', 'read -s'].map((name) => ({
  predict: 'always',
  places: [{ ...SHELL_PLACE, prompts: SHELL_PLACE.prompts.filter((prompt) => prompt.name === name) }],
}));
/** What `always` shows is what is ever shown; this is how people have it. */
const AS_USUAL: Typist = { predict: 'adaptive', places: [SHELL_PLACE] };

function typistsOn({ name, download }: LinkPreset, roundTripMs: number): readonly Typist[] {
  if (download) return PATIENT;
  const typists = roundTripMs > SURELY_SLOW_MS ? SIDE_BY_SIDE : EVERYWHERE;
  return name === 'singapore' || name === 'lte' ? [...typists, AS_USUAL] : typists;
}

/** All at once, those that take longest first. */
const LINKS = PRESETS.toSorted((a, b) => Number(b.download) - Number(a.download) || roundTrip(b) - roundTrip(a));
vi.setConfig({ maxConcurrency: LINKS.length });

/** No answer comes sooner than this, in ms. */
function roundTrip({ options: { up, down } }: LinkPreset): number {
  return (up?.delayMs ?? 0) + (down?.delayMs ?? 0);
}

const skipped = MISSING !== undefined || SUBJECT !== ROVE;

describe.skipIf(skipped).concurrent(titled('a password in rove'), () => {
  test.for(LINKS.map((preset) => [preset.name, preset] as const))('is not shown on %s', async ([name, preset]) => {
    const roundTripMs = roundTrip(preset);
    // The login has a good link: this is not about ssh.
    const place = await LabPlace.open({ link: symmetric(2) });
    try {
      const { lab } = place;
      writeSecretPrompts(lab.serverHome);
      const sessions = await Promise.all(
        typistsOn(preset, roundTripMs).map(async ({ predict, places }) => {
          const words = ROVE.commandLine(lab);
          const terminal = lab.start([...words.slice(0, -1), `--predict=${predict}`, ...words.slice(-1)]);
          await terminal.waitFor(PROMPT.trimEnd(), WAIT_MS);
          return { terminal, places, predict };
        }),
      );
      await lab.link.impair(preset.options);
      await Promise.all(sessions.map(({ terminal }) => learn(terminal, PROMPT)));
      await proveGuesses(
        lab,
        sessions.map(({ terminal }) => terminal),
        roundTripMs,
      );
      const endBeside = await emulatedLink(preset, { netem: false, seed: 1 }).beside?.(place);
      try {
        const leaks = await Promise.all(
          sessions.map(async ({ terminal, places, predict }) => {
            const watch = new SecretWatch(terminal, roundTripMs);
            const found: string[] = [];
            for (const where of places) {
              const leaked = await ask(terminal, watch, where, roundTripMs);
              found.push(...leaked.map((leak) => `${predict}, ${where.name}, ${leak}`));
            }
            expect(watch.looks).toBeGreaterThan(0);
            return found;
          }),
        );
        expect(leaks.flat(), name).toEqual([]);
      } finally {
        await endBeside?.();
      }
    } finally {
      await place.close();
    }
  });
});

/** Types what is no secret, until the prompt, its shell and the kernel's echo are known. */
async function learn(terminal: ScreenTerminal, prompt: string): Promise<void> {
  await clear(terminal, prompt);
  await typeSlowly(terminal, 'cat\r');
  await see(terminal, ({ cursor }) => cursor.x === 0);
  // fish drops what it finds typed before it starts a program.
  await sleep(ANSWERED_MS);
  for (const words of ['one boat', 'two boats']) {
    await typeSlowly(terminal, `${words}\r`);
    await see(terminal, (screen) => screen.rows().filter((row) => row === words).length === 2);
  }
  terminal.type('\x04');
  await atPrompt(terminal, prompt);
  for (const words of ['the old mill', 'by the river']) {
    await typeSlowly(terminal, `echo ${words}\r`);
    await see(terminal, (screen) => screen.rows().includes(words));
  }
  await atPrompt(terminal, prompt);
}

/** What is seen while the cable is cut was guessed. A busy machine may have disappointed a client, which then needs another line. */
async function proveGuesses(lab: Lab, terminals: readonly ScreenTerminal[], roundTripMs: number): Promise<void> {
  let unproved = terminals;
  for (let line = 0; line < LINES_MAX && unproved.length > 0; line++) {
    await sleep(roundTripMs + ANSWERED_MS);
    await lab.link.setOutage(true);
    const seen = await Promise.all(unproved.map(isGuessed));
    await lab.link.setOutage(false);
    await Promise.all(unproved.map((terminal) => see(terminal, (screen) => screen.rows().includes('guessed'))));
    await Promise.all(unproved.map((terminal) => atPrompt(terminal, PROMPT)));
    unproved = unproved.filter((_, index) => seen[index] === false);
  }
  expect(unproved.length, 'sessions without predictions').toBe(0);
}

async function isGuessed(terminal: ScreenTerminal): Promise<boolean> {
  await typeSlowly(terminal, 'echo guessed');
  const guess = terminal.waitFor((screen) => screen.rows().at(screen.cursor.y) === `${PROMPT}echo guessed`, GUESS_MS);
  const seen = await guess.then(
    () => true,
    () => false,
  );
  terminal.type('\r');
  return seen;
}

/** What is seen before an answer can be was guessed; of several lines, as above. */
async function proveShown(terminal: ScreenTerminal, prompt: string, roundTripMs: number): Promise<void> {
  let soonestMs = Number.POSITIVE_INFINITY;
  for (let line = 0; line < LINES_MAX && soonestMs >= roundTripMs; line++) {
    await atPrompt(terminal, prompt);
    await sleep(roundTripMs + ANSWERED_MS);
    const words = `echo on ${line}`;
    const at = terminal.type(words);
    soonestMs = (await see(terminal, (screen) => screen.rows().includes(`${prompt}${words}`))) - at;
    terminal.type('\r');
    await see(terminal, (screen) => screen.rows().includes(`on ${line}`));
  }
  expect(soonestMs, 'guesses are shown here').toBeLessThan(roundTripMs);
}

/** Asks all questions of a place, and gives what leaked. */
async function ask(
  terminal: ScreenTerminal,
  watch: SecretWatch,
  { enter, shellPrompt = PROMPT, prompts }: SecretPlace,
  roundTripMs: number,
): Promise<readonly string[]> {
  if (enter !== undefined) {
    await clear(terminal, PROMPT);
    terminal.type(`${enter}\r`);
    await atPrompt(terminal, shellPrompt);
    await learn(terminal, shellPrompt);
    if (roundTripMs > SURELY_SLOW_MS) await proveShown(terminal, shellPrompt, roundTripMs);
  }
  const leaks: string[] = [];
  for (const prompt of prompts) {
    await clear(terminal, shellPrompt);
    watch.begin();
    await answer(terminal, watch, prompt);
    await see(terminal, (screen) => screen.rows().includes('opened'));
    await atPrompt(terminal, shellPrompt);
    leaks.push(...watch.leaks().map((leak) => `${prompt.name}: ${leak}`));
  }
  if (enter !== undefined) {
    terminal.type('exit\r');
    await atPrompt(terminal, PROMPT);
  }
  return leaks;
}

async function answer(terminal: ScreenTerminal, watch: SecretWatch, asked: SecretPrompt): Promise<void> {
  terminal.type(`${asked.command}\r`);
  let row = terminal.cursor.y;
  for (const { prompt, answer } of asked.answers ?? []) {
    await see(terminal, ({ cursor }) => cursor.y > row && lineOf(terminal).endsWith(prompt));
    row = terminal.cursor.y;
    await typeSlowly(terminal, `${answer}\r`);
  }
  await typeSecret(watch, AHEAD);
  await see(terminal, ({ cursor }) => cursor.y > row && lineOf(terminal).includes(asked.prompt ?? ''));
  await typeSecret(watch, STANDING);
  terminal.type('\r');
}

async function typeSecret(watch: SecretWatch, secret: string): Promise<void> {
  for (const letter of secret) {
    watch.type(letter);
    await sleep(GAP_MS);
  }
}

async function typeSlowly(terminal: ScreenTerminal, keys: string): Promise<void> {
  for (const key of keys) {
    terminal.type(key);
    await sleep(GAP_MS);
  }
}

async function clear(terminal: ScreenTerminal, prompt: string): Promise<void> {
  await atPrompt(terminal, prompt);
  terminal.type('\x0c');
  await see(terminal, (screen) => screen.cursor.y === 0 && screen.screenText().trim() === prompt.trim());
}

async function atPrompt(terminal: ScreenTerminal, prompt: string): Promise<void> {
  await see(terminal, ({ cursor }) => lineOf(terminal) === prompt && cursor.x === prompt.length);
}

/** The row of the cursor, up to it. */
function lineOf(terminal: ScreenTerminal): string {
  const { x, y } = terminal.cursor;
  return terminal.rowText(y).slice(0, x);
}

function see(terminal: ScreenTerminal, expected: Expectation): Promise<number> {
  return terminal.waitFor(expected, WAIT_MS);
}
