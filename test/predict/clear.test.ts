import { describe, expect, test } from 'vitest';
import { RAW, Stage } from './stage.ts';

const CLEAR = '\x0c';
const ANSWER = '\x1b[H\x1b[2J';

/** At a prompt at which the screen has been cleared once. */
function atCleared(prompt: string): Stage {
  const stage = new Stage({ rows: 8 }).tty(RAW, 'bash').prints(`\x1b[?2004h${prompt}`).hears().works('true');
  stage.runs('one\r\n', prompt).types(CLEAR);
  stage.passes(200).prints(`${ANSWER}${prompt}`).hears('all').works('ls');
  return stage.runs('one\r\ntwo\r\n', prompt);
}

describe('Ctrl-L', () => {
  test('is not guessed at a prompt where it was not seen yet, nor what is typed after it', () => {
    const stage = new Stage().tty(RAW, 'bash').prints('hello\r\n\x1b[?2004hlab$ ').hears().works('true').runs('');
    stage.types(`${CLEAR}ls`);
    expect(stage.screen).toBe(stage.truth);
  });

  test("is known at a shell's prompt that has been in the first row", () => {
    const stage = new Stage().tty(RAW, 'bash').prints('\x1b[?2004hlab$ ').hears().works('true').runs('one\r\n');
    stage.types(`${CLEAR}ls`);
    expect(stage.row(0)).toBe('lab$ ls');
  });

  test('takes the prompt to the top, where one types on', () => {
    const stage = atCleared('lab$ ');
    stage.types(`${CLEAR}ls`);
    expect(stage.row(0)).toBe('lab$ ls');
    for (let row = 1; row < 8; row++) expect(stage.row(row)).toBe('');
    stage.prints(`${ANSWER}lab$ `).hears();
    expect(stage.row(0)).toBe('lab$ ls');
    stage.prints('ls').passes(200).hears('all');
    expect(stage.screen).toBe(stage.truth);
    expect(stage.engine.counts.wrong).toBe(0);
  });

  test('takes the line along, and a prompt of two rows', () => {
    const stage = atCleared('~/work\r\n> ');
    stage.types(`ls${CLEAR} -l`);
    expect([stage.row(0), stage.row(1), stage.row(2)]).toEqual(['~/work', '> ls -l', '']);
    expect(stage.cursor).toBe('1,7');
  });

  test('that did something else is not guessed again', () => {
    const stage = atCleared('lab$ ');
    stage.types(CLEAR);
    stage.passes(400).hears('all');
    stage.passes(400).hears('all').types(`${CLEAR}x`);
    expect(stage.screen).toBe(stage.truth);
  });

  test('and a command that are both late show nothing of the password that is typed ahead', () => {
    for (const prompt of ['lab$ ', '~/work\r\n> ']) {
      const stage = atCleared(prompt);
      stage.types(`${CLEAR}sudo true\r`, 20);
      stage.passes(80).hears('all');
      for (const echo of ['', `${ANSWER}${prompt}`, 'su', 'do true']) {
        stage.prints(echo).hears();
        stage.types('QZXJ', 40);
        expect(stage.screen, echo).toBe(stage.truth);
      }
    }
  });

  test('is not guessed in a program on the whole screen', () => {
    const stage = atCleared('lab$ ').prints('\x1b[?1049hlab$ ').hears();
    stage.types(CLEAR);
    expect(stage.screen).toBe(stage.truth);
  });
});
