import { describe, expect, test } from 'vitest';
import { UNDERLINE_MASK } from '../../protocol/screen/cell.ts';
import { atPrompt, ECHOING, RAW, Stage } from './stage.ts';

const LEFT = '{\x1b[D}';
const RIGHT = '{\x1b[C}';
const END = '{\x1b[F}';
const HOME = '{\x1b[H}';
const DELETE = '{\x1b[3~}';

describe('letters', () => {
  test('are shown at once at a prompt that has echoed before', () => {
    const stage = atPrompt();
    stage.types('ls -l');
    expect(stage.row()).toBe('lab$ ls -l');
    expect(stage.cursor).toBe('1,10');
    expect(stage.engine.counts).toMatchObject({ typed: 9, atOnce: 9, wrong: 0 });
  });

  test('are shown at the first prompt of a line editor that has announced itself', () => {
    const stage = new Stage().tty(RAW, 'bash').prints('\x1b[?2004hme@host:~$ ').hears();
    stage.types('l');
    expect(stage.row()).toBe('me@host:~$ l');
  });

  test('wait at an unknown prompt until the first of them is confirmed', () => {
    const stage = new Stage().tty(RAW, 'thing').prints('name? ').hears();
    stage.types('ada');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('a').hears();
    expect(stage.row()).toBe('name? ada');
  });

  test('give way to the very screen of the server when it shows them', () => {
    const stage = atPrompt();
    stage.types('ls');
    expect(stage.screen).not.toBe(stage.truth);
    stage.prints('ls').hears();
    expect(stage.screen).toBe(stage.truth);
  });

  test('that the program did not show go with the first state that says so', () => {
    const stage = atPrompt();
    const first = stage.types('x');
    stage.types('yz');
    expect(stage.row()).toBe('lab$ xyz');
    stage.passes(400).hears(first);
    expect(stage.row()).toBe('lab$');
    stage.hears('all');
    expect(stage.screen).toBe(stage.truth);
    expect(stage.engine.counts.wrong).toBe(3);
  });

  test('that may end a command of two keys are not shown', () => {
    const stage = new Stage().tty(RAW, 'emacs').prints('\x1b[?1049h\x1b[5;1H-- notes\x1b[1;1H').hears().works('one');
    stage.types('\x18');
    stage.passes(200).hears('all').types('b');
    expect(stage.screen).toBe(stage.truth);
  });

  test('are not shown before an editor has drawn its screen', () => {
    const stage = new Stage().tty(RAW, 'nano').prints('\x1b[?1049h').hears();
    stage.types('a');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('\x1b[6;1H^X Exit\x1b[1;1H').hears('all').types('b');
    expect(stage.row()).toBe('b');
  });

  test('are not shown again at a prompt that has disappointed, until one is confirmed', () => {
    const stage = atPrompt();
    stage.types('x');
    stage.passes(400).hears('all');
    stage.types('y');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('y').hears('all');
    stage.works('es');
    stage.types('t');
    expect(stage.row()).toBe('lab$ yest');
  });

  test('leave the rows that they are not in as the same objects', () => {
    const stage = atPrompt();
    stage.types('l');
    const { rows } = stage.screen;
    expect(rows.map((row, index) => row === stage.truth?.rows[index])).toEqual([true, false, true, true, true, true]);
    expect(stage.screen).toBe(stage.screen);
  });

  test('of two cells move the cursor by two', () => {
    const stage = atPrompt();
    stage.types('a你b');
    expect(stage.row()).toBe('lab$ a你b');
    expect(stage.cursor).toBe('1,9');
    stage.prints('a你').hears();
    stage.types('\x7f\x7f');
    expect(stage.row()).toBe('lab$ a');
    expect(stage.cursor).toBe('1,6');
  });

  test('cut in their bytes are shown when they are whole', () => {
    const stage = atPrompt();
    stage.engine.typed(stage.now, Uint8Array.of(0xc3), 100);
    expect(stage.screen).toBe(stage.truth);
    stage.engine.typed(stage.now, Uint8Array.of(0xa9), 101);
    expect(stage.row()).toBe('lab$ é');
  });

  test('take the marks that are typed after them', () => {
    const stage = atPrompt();
    stage.types('re\u0301sume\u0301');
    expect(stage.row()).toBe('lab$ re\u0301sume\u0301');
    expect(stage.cursor).toBe('1,11');
    stage.prints('re').hears().prints('\u0301').hears();
    expect(stage.row()).toBe('lab$ re\u0301sume\u0301');
    stage.prints('sume\u0301').hears();
    expect(stage.screen).toBe(stage.truth);
  });

  test('wrap into the next row, and scroll the screen where there is none', () => {
    const stage = atPrompt({ cols: 10, rows: 3 });
    stage.types('abcdefg');
    expect([stage.row(1), stage.row(2), stage.cursor]).toEqual(['lab$ abcde', 'fg', '2,2']);
    stage.types('hijklmnopq');
    expect([stage.row(0), stage.row(1), stage.row(2)]).toEqual(['lab$ abcde', 'fghijklmno', 'pq']);
    stage.prints('abcdefghijklm').hears();
    expect([stage.row(1), stage.row(2)]).toEqual(['fghijklmno', 'pq']);
    stage.prints('nopq').hears();
    expect(stage.screen).toBe(stage.truth);
  });
});

describe('corrections', () => {
  test.each([
    ['backspace', 'abc\x7f\x7fd', 'lab$ ad', '1,7'],
    ['backspace at the beginning of the line', 'a\x7f\x7f\x7fb', 'lab$ b', '1,6'],
    ['an insertion', `abd${LEFT}c`, 'lab$ abcd', '1,8'],
    ['a deletion', `abbc${LEFT}${LEFT}${DELETE}`, 'lab$ abc', '1,7'],
    ['left beyond the beginning', `ab${LEFT}${LEFT}${LEFT}${LEFT}c`, 'lab$ cab', '1,6'],
    ['right beyond the end', `ab${RIGHT}${RIGHT}c`, 'lab$ abc', '1,8'],
    ['Home, Ctrl-E and End', `bc${HOME}a\x05d${HOME}${END}e`, 'lab$ abcde', '1,10'],
    ['Ctrl-A and Ctrl-K', 'abc\x01\x0bd', 'lab$ d', '1,6'],
    ['Ctrl-U', 'abc def\x15g', 'lab$ g', '1,6'],
    ['Ctrl-U in the middle', `abc def${LEFT}${LEFT}${LEFT}\x15`, 'lab$ def', '1,5'],
    ['Ctrl-W', 'ab cd-ef\x17g', 'lab$ ab g', '1,9'],
    ['an insertion of two cells', `你好${LEFT}a`, 'lab$ 你a好', '1,8'],
  ])('%s', (_name, keys, row, cursor) => {
    const stage = atPrompt();
    stage.types(keys);
    expect(stage.row()).toBe(row);
    expect(stage.cursor).toBe(cursor);
  });

  test('that leave the cursor where it is are not made twice', () => {
    const stage = atPrompt();
    stage.works('printf x').types(`${HOME}${DELETE}${DELETE}${DELETE}`);
    expect(stage.row()).toBe('lab$ ntf x');
    stage.prints('\r\x1b[5C\x1b[P').hears();
    expect(stage.row()).toBe('lab$ ntf x');
    stage.prints('\x1b[P').hears();
    expect(stage.row()).toBe('lab$ ntf x');
  });

  test('move no prompt at the right margin', () => {
    const stage = new Stage().tty(RAW, 'zsh').prints('\x1b[?2004hlab% ab\x1b[32G[main]\x1b[7G').hears();
    stage.types('x');
    expect(stage.row()).toBe('lab% axb                       [main]');
  });

  test('move nothing beyond a line between panes', () => {
    const stage = new Stage().tty(RAW, 'zsh').prints('\x1b[?2004hlab% ab│right\x1b[7G').hears();
    stage.types('x');
    expect(stage.row()).toBe('lab% ax│right');
  });

  test('are learnt where the program has its own mind of them', () => {
    const stage = atPrompt();
    stage.works('one').types('\x17');
    expect(stage.row()).toBe('lab$');
    stage.passes(400).hears('all');
    expect(stage.row()).toBe('lab$ one');
    stage.types('\x17');
    expect(stage.screen).toBe(stage.truth);
    stage.passes(400).hears('all');
    stage.types('s');
    expect(stage.row()).toBe('lab$ ones');
  });
});

describe('the arrow up', () => {
  const UP = '{\x1b[A}';

  test('brings back what was entered, once it has done so before', () => {
    const stage = atPrompt();
    stage.works('echo one').runs('one\r\n').works('ls').runs('');
    stage.types(UP);
    expect(stage.row()).toBe('lab$ ls');
    stage.types(`${UP}!`);
    expect([stage.row(), stage.cursor]).toEqual(['lab$ echo one!', '4,14']);
    stage.prints('echo one!').passes(200).hears('all');
    expect(stage.screen).toBe(stage.truth);
  });

  test('is of unknown effect beyond what is known', () => {
    const stage = atPrompt();
    stage.types(`${UP}${UP}x`);
    expect(stage.row()).toBe('lab$ true');
  });

  test('brings back nothing that was not shown', () => {
    const stage = atPrompt();
    stage.tty({ echo: false, canonical: true }, 'bash').hears();
    stage.types('QZXJ\r');
    stage.tty(RAW, 'bash').prints('\r\nlab$ ').passes(200).hears('all');
    stage.types(UP);
    expect(stage.screen).toBe(stage.truth);
  });
});

describe('suggestions of the shell', () => {
  const suggesting = () =>
    new Stage().tty(RAW, 'fish').prints('\x1b[?2004h~/lab> g\x1b[90mit log\x1b[m\x1b[9G').hears();

  test('stay while one types what they say', () => {
    const stage = suggesting();
    stage.types('i');
    expect(stage.row()).toBe('~/lab> git log');
    expect(stage.cursor).toBe('0,9');
  });

  test('go when one types something else', () => {
    const stage = suggesting();
    stage.types('r');
    expect(stage.row()).toBe('~/lab> gr');
  });

  test('are no text to move in', () => {
    const stage = suggesting();
    stage.types(RIGHT);
    expect(stage.screen).toBe(stage.truth);
  });
});

describe('a key of unknown effect', () => {
  test.each(['\r', '\t', '\x03', '\x1b', '{\x1b[B}', '\x12', '{\x1b[200~some words\x1b[201~}'])(
    '%j hides what follows',
    (key) => {
      const stage = atPrompt();
      stage.types(`${key}x`);
      expect(stage.screen).toBe(stage.truth);
    },
  );

  test('is over when the server says that it was answered', () => {
    const stage = atPrompt();
    const tab = stage.types('cat n\t');
    stage.types('x');
    expect(stage.row()).toBe('lab$ cat n');
    stage.prints('cat notes.txt ').passes(300).hears(tab);
    expect(stage.row()).toBe('lab$ cat notes.txt x');
  });

  test('is over when the next prompt is there', () => {
    const stage = atPrompt();
    stage.works('ls').types('\r');
    stage.prints('\r\n\x1b[?2004l\rnotes.txt\r\n\x1b[?2004hlab$ ').hears();
    stage.types('w');
    expect(stage.row()).toBe('lab$ w');
  });

  test('Enter does not put the rest of a line at the next prompt', () => {
    const stage = atPrompt({ rows: 2 });
    stage.types('ls\r');
    expect(stage.row()).toBe('lab$ ls');
    stage.prints('ls\r\n\x1b[?2004l\rnotes.txt\r\n\x1b[?2004hlab$ ').hears();
    expect(stage.screen).toBe(stage.truth);
  });

  test('lets letters typed ahead be found on the screen', () => {
    const stage = atPrompt();
    const enter = stage.types('\r');
    stage.types('pwd');
    stage.prints('\r\nlab$ pw').passes(200).hears(enter);
    expect(stage.row()).toBe('lab$ pwd');
  });
});

describe('other things on the screen', () => {
  test('are shown as they are, over the guesses that are still right', () => {
    const stage = atPrompt();
    stage.types('ls');
    stage.prints('\x1b7\x1b[6;1Hclock 12:01\x1b8').hears();
    expect([stage.row(1), stage.row(5)]).toEqual(['lab$ ls', 'clock 12:01']);
  });

  test('hide guesses that do not belong there any more', () => {
    const stage = atPrompt();
    stage.types('ls');
    stage.prints('\x1b[H\x1b[2Jsomething else').hears();
    expect(stage.screen).toBe(stage.truth);
  });

  test('of another size end all guesses', () => {
    const stage = atPrompt();
    stage.types('ls');
    stage.resizes(20, 4).hears();
    expect(stage.screen).toBe(stage.truth);
    stage.types('x');
    expect(stage.screen).toBe(stage.truth);
    stage.prints('lsx').passes(200).hears('all');
    stage.types('y');
    expect(stage.row()).toBe('lab$ lsxy');
  });

  test('begin anew after a reset, with what was learnt', () => {
    const stage = atPrompt();
    stage.types('ls');
    stage.engine.reset();
    expect(stage.screen).toBe(stage.truth);
    stage.prints('ls').hears('all');
    stage.types('x');
    expect(stage.row()).toBe('lab$ lsx');
  });
});

describe('the modes', () => {
  test('adaptive shows nothing on a fast link', () => {
    const stage = atPrompt({ smoothedRtt: 5 }).passes(10_000);
    stage.types('l');
    expect(stage.screen).toBe(stage.truth);
  });

  test('adaptive shows what has waited for too long', () => {
    const stage = atPrompt({ smoothedRtt: 5 }).passes(10_000);
    stage.types('l');
    const at = stage.engine.nextTimeout(stage.now);
    expect(at - stage.now).toBeGreaterThan(50);
    expect(at - stage.now).toBeLessThan(300);
    stage.now = at;
    expect(stage.row()).toBe('lab$ l');
  });

  test('always shows on a fast link, never on no link', () => {
    const always = atPrompt({ mode: 'always', smoothedRtt: 1 });
    always.types('l');
    expect(always.row()).toBe('lab$ l');
    const never = atPrompt({ mode: 'never' });
    never.types('l');
    expect(never.screen).toBe(never.truth);
    expect(never.engine.nextTimeout(never.now)).toBe(Number.POSITIVE_INFINITY);
  });

  test('underline what waits on a slow link, and nothing on a quicker one', () => {
    const underlined = (smoothedRtt: number): boolean => {
      const stage = atPrompt({ smoothedRtt });
      stage.types('l');
      return ((stage.screen.rows[1]?.cells[5 * 3 + 2] ?? 0) & UNDERLINE_MASK) !== 0;
    };
    expect([60, 300].map(underlined)).toEqual([false, true]);
  });
});

describe('where the kernel echoes', () => {
  const cat = () => {
    const stage = atPrompt();
    stage.works('cat').types('\r');
    return stage.prints('\r\n\x1b[?2004l\r').tty(ECHOING, 'cat').passes(100).hears('all').passes(500);
  };

  test('nothing is shown before a whole line was echoed, then everything is', () => {
    const stage = cat();
    stage.types('one', 100);
    expect(stage.screen).toBe(stage.truth);
    stage.prints('one').hears('all').types('\r');
    stage.prints('\r\none\r\n').hears('all').passes(500);
    stage.types('two');
    expect(stage.row()).toBe('two');
  });

  test('a question is believed when its answer has echoed once', () => {
    const stage = cat().prints('Name: ').hears().passes(500);
    stage.types('ada', 100);
    expect(stage.screen).toBe(stage.truth);
    stage.prints('ada').passes(200).hears('all').types('\r');
    stage.prints('\r\nName: ').passes(200).hears('all').passes(500);
    stage.types('be');
    expect(stage.row()).toBe('Name: be');
  });
});
