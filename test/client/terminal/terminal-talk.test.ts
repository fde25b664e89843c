import { describe, expect, test } from 'vitest';
import { TerminalTalk } from '../../../client/terminal/terminal-talk.ts';
import { answersTo, type KnownAnswers, TERMINALS } from './terminals.ts';

const { kitty, tmux } = TERMINALS;

function begin(term = 'xterm-256color'): { talk: TerminalTalk; asked: string } {
  const talk = new TerminalTalk();
  talk.begin(0, { term, program: '', cols: 80 });
  return { talk, asked: talk.takeOutgoing() };
}

function heard(talk: TerminalTalk, now: number, text: string): string {
  return Buffer.from(talk.input(now, Buffer.from(text, 'latin1'))).toString('latin1');
}

function answer(asked: string, known: KnownAnswers | undefined): string {
  return known === undefined ? '' : answersTo(asked, known).join('');
}

function ticked(talk: TerminalTalk, now: number): string {
  return Buffer.from(talk.tick(now)).toString('latin1');
}

describe('TerminalTalk', () => {
  test('asks on the alternate screen, and last of all what every terminal answers', () => {
    const { asked } = begin();
    expect(asked).toMatch(/^\x1b\[\?1049h/);
    expect(asked).toMatch(/\r\x1b\[K\x1b\[\?1049l\x1b\[c$/);
  });

  test.each(['', 'dumb', 'unknown'])('asks a terminal called "%s" nothing, and waits for nothing', (term) => {
    const { talk, asked } = begin(term);
    expect(asked).toBe('');
    expect(talk.waiting).toBe(false);
    expect(talk.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('asks the Linux console and screen nothing that they would print', () => {
    expect(begin('linux').asked).toBe('\x1b[c');
    expect(begin('screen-256color').asked).not.toMatch(/\x1bP|\$p|\x1b\[>q/);
  });

  test('waits until the last answer, and no longer than a second', () => {
    const answered = begin();
    expect(answered.talk.waiting).toBe(true);
    heard(answered.talk, 5, answer(answered.asked, kitty));
    expect(answered.talk.waiting).toBe(false);
    const silent = begin();
    ticked(silent.talk, 999);
    expect(silent.talk.waiting).toBe(true);
    ticked(silent.talk, 1_000);
    expect(silent.talk.waiting).toBe(false);
  });

  test('measures nothing where a place of the cursor is missing or on another line', () => {
    const { talk, asked } = begin();
    const replies = kitty === undefined ? [] : answersTo(asked, kitty);
    heard(talk, 5, replies.filter((reply) => reply !== '\x1b[7;2R').join(''));
    expect(talk.answers.widths.size).toBe(0);
  });

  test('keeps late answers from the programs, but not for ever', () => {
    const { talk, asked } = begin();
    ticked(talk, 1_000);
    expect(heard(talk, 6_000, `a${answer(asked, kitty)}b`)).toBe('ab');
    expect(talk.answers.version).toBe('kitty(0.38.1)');
    const late = begin();
    ticked(late.talk, 8_000);
    expect(heard(late.talk, 8_001, '\x1b[?62c')).toBe('\x1b[?62c');
  });

  test('holds an Esc back for some milliseconds at most, and not at all when nothing more can come', () => {
    const { talk, asked } = begin();
    expect(heard(talk, 100, '\x1b')).toBe('');
    expect(talk.nextTimeout).toBe(130);
    expect(ticked(talk, 129)).toBe('');
    expect(ticked(talk, 130)).toBe('\x1b');
    heard(talk, 140, answer(asked, kitty));
    expect(heard(talk, 150, '\x1b')).toBe('\x1b');
    expect(talk.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test('takes colours that come after all else, as a multiplexer may have to fetch them', () => {
    const { talk, asked } = begin();
    heard(talk, 3, answer(asked, tmux));
    expect(heard(talk, 900, '\x1b]11;rgb:1111/2222/3333\x1b\\')).toBe('');
    expect(talk.answers.background).toBe(0x112233);
    ticked(talk, 2_003);
    expect(heard(talk, 2_004, '\x1b]10;rgb:1/2/3\x07')).toBe('\x1b]10;rgb:1/2/3\x07');
  });

  test('asks again what it is, but not before it has answered', () => {
    const { talk, asked } = begin();
    talk.begin(1, { term: 'xterm-256color', program: '', cols: 80 });
    expect(talk.takeOutgoing()).toBe('');
    expect(heard(talk, 3, answer(asked, kitty))).toBe('');
    talk.begin(4, { term: 'xterm-256color', program: '', cols: 80 });
    expect(talk.takeOutgoing()).toBe(asked);
    expect(talk.waiting).toBe(true);
    expect(heard(talk, 5, answer(asked, kitty))).toBe('');
    expect(talk.answers.widths.get('family')).toBe(2);
  });

  test('asks for the clipboard once at a time', () => {
    const { talk, asked } = begin();
    heard(talk, 3, answer(asked, kitty));
    talk.askClipboard(100);
    talk.askClipboard(101);
    expect(talk.takeOutgoing()).toBe('\x1b]52;c;?\x1b\\');
    expect(heard(talk, 200, 'a\x1b]52;c;aGk=\x1b\\b')).toBe('ab');
    expect(talk.takeClipboard()).toEqual(new Uint8Array(Buffer.from('hi')));
    expect(talk.takeClipboard()).toBeUndefined();
    expect(heard(talk, 300, '\x1b]52;c;aGk=\x1b\\')).toBe('\x1b]52;c;aGk=\x1b\\');
  });

  test('asks for the size of a cell again in the way that it was told before', () => {
    const told = begin();
    heard(told.talk, 3, answer(told.asked, kitty));
    told.talk.askPixels(100);
    expect(told.talk.takeOutgoing()).toBe('\x1b[16t');
    heard(told.talk, 110, '\x1b[6;60;32t');
    expect(told.talk.answers.cell).toEqual({ width: 32, height: 60 });
    const untold = begin();
    heard(untold.talk, 3, answer(untold.asked, tmux));
    untold.talk.askPixels(100);
    expect(untold.talk.takeOutgoing()).toBe('');
  });

  test('tells a program of dark and light when the new colours are known', () => {
    const { talk, asked } = begin();
    heard(talk, 3, answer(asked, kitty));
    expect(heard(talk, 100, 'a\x1b[?997;2nb')).toBe('ab');
    expect(talk.takeOutgoing()).toBe('\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b]12;?\x1b\\');
    expect(heard(talk, 101, '\x1b]10;rgb:0/0/0\x07\x1b]11;rgb:f/f/f\x07')).toBe('');
    expect(heard(talk, 102, '\x1b]12;rgb:0/0/0\x07c')).toBe('\x1b[?997;2nc');
    expect(talk.answers.background).toBe(0xffffff);
    expect(heard(talk, 200, '\x1b[?997;1n')).toBe('');
    expect(ticked(talk, 400)).toBe('\x1b[?997;1n');
  });

  test('takes no answer for keys because its own timer came late, before the rest was read', () => {
    const { talk } = begin();
    expect(heard(talk, 10, '\x1b')).toBe('');
    // Stopped meanwhile: the timer is looked at first, and what the terminal has said stands there unread.
    expect(ticked(talk, 200)).toBe('');
    expect(heard(talk, 201, '[?2026;2$y')).toBe('');
    expect(heard(talk, 300, '\x1b')).toBe('');
    expect(ticked(talk, 330)).toBe('\x1b');
    expect(heard(talk, 400, '\x1b')).toBe('');
    expect(ticked(talk, 600)).toBe('');
    expect(ticked(talk, 640)).toBe('\x1b');
  });
});
