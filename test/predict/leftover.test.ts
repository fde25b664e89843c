import { describe, expect, test } from 'vitest';
import { atPrompt, RAW } from './stage.ts';

describe('the end of a password', () => {
  test('is not shown at the prompt after it, which comes before the server says that it was answered', () => {
    const stage = atPrompt();
    const enter = stage.types('x\r');
    stage.tty(RAW, 'python3').prints('x\r\n\x1b[?2004l\rWord: ').passes(300).hears(enter);
    stage.types('ZjVK\r', 30);
    stage.prints('****').hears(enter + 3);
    expect(stage.screen).toBe(stage.truth);
    stage
      .tty(RAW, 'bash')
      .prints('\r\n\x1b[?2004hlab$ ')
      .hears(enter + 3);
    expect(stage.row()).toBe('lab$');
  });
  test('that was not entered is not shown there either', () => {
    const stage = atPrompt();
    const enter = stage.types('x\r');
    stage.tty(RAW, 'python3').prints('x\r\n\x1b[?2004l\rWord: ').passes(300).hears(enter);
    stage.types('ZjVK', 30);
    stage.prints('****').hears(enter + 1);
    stage
      .tty(RAW, 'bash')
      .prints('\r\n\x1b[?2004hlab$ ')
      .hears(enter + 2);
    expect(stage.row()).toBe('lab$');
  });
  test('that was typed ahead in one go is not shown at the prompt after it', () => {
    const stage = atPrompt();
    const enter = stage.types('x\r');
    stage.types('ZjVK\r', 3);
    stage.tty(RAW, 'bash').prints('x\r\n\x1b[?2004l\rWord: \r\n\x1b[?2004hlab$ ').passes(300).hears(enter);
    expect(stage.row()).toBe('lab$');
  });
});
