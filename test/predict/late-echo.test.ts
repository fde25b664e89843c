import { describe, expect, test } from 'vitest';
import { Corpus } from './corpus.ts';
import { atPrompt } from './stage.ts';

/** By the clock every key was answered; the program, on a busy machine, has not come to them. */
const LATE_MS = 80;
const SECRET = 'QZXJ';

describe('an echo that is late', () => {
  test('takes back what is shown until it comes, and nothing else', () => {
    const stage = atPrompt();
    stage.types('e');
    stage.passes(LATE_MS).hears('all');
    stage.types('c');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('e').hears();
    expect(stage.row()).toBe('lab$ ec');
    stage.types('h');
    expect(stage.row()).toBe('lab$ ech');
  });

  test('of every letter of a line leaves the next line as it was', () => {
    const stage = atPrompt();
    for (const letter of 'echo') {
      stage.types(letter, 20);
      stage.passes(LATE_MS).hears('all').prints(letter).hears();
    }
    stage.runs('').types('l');
    expect(stage.row()).toBe('lab$ l');
  });

  test('that comes with the answer to Enter was late and nothing else', () => {
    const stage = atPrompt();
    stage.types('ls', 20);
    stage.passes(LATE_MS).hears('all');
    stage.types('\r');
    stage.passes(LATE_MS).hears('all');
    stage.prints('ls\r\n\x1b[?2004l\rone\r\n\x1b[?2004hlab$ ').hears();
    stage.types('c');
    expect(stage.row()).toBe('lab$ c');
  });

  test('that has not come when Enter is answered counts against the prompt', () => {
    const stage = atPrompt();
    stage.types('ls', 20);
    stage.passes(LATE_MS).hears('all').runs('');
    stage.types('c');
    expect(stage.screen).toBe(stage.truth);
  });

  test('that is another in the end counts against the prompt', () => {
    const stage = atPrompt();
    stage.types('ls', 20);
    stage.passes(LATE_MS).hears('all');
    stage.prints('**').hears('all').runs('');
    stage.types('c');
    expect(stage.screen).toBe(stage.truth);
  });

  test('of a command shows nothing of the password that is typed ahead of its question', () => {
    const stage = atPrompt();
    stage.types('sudo true\r', 50);
    stage.passes(LATE_MS).hears('all');
    for (const echo of ['', 'su', 'do true']) {
      stage.prints(echo).hears();
      stage.types(SECRET, 40);
      expect(stage.screen).toBe(stage.truth);
    }
  });

  test('of an editing key is waited for a little while, so that nothing is shown at the wrong place', () => {
    const stage = atPrompt();
    stage.works('one').types('{\x1b[D}');
    stage.passes(LATE_MS).hears('all').types('x');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('\b').hears();
    expect(stage.row()).toBe('lab$ onxe');
  });

  test('costs no more letters than it is late itself', () => {
    const { all } = new Corpus(false).score({ rttMs: 273, busyShare: 0.1, busyMs: 200 });
    expect(all.atOnce / all.letters).toBeGreaterThanOrEqual(0.85);
    expect(all.wrong / all.letters).toBeLessThanOrEqual(0.003);
  });
});
