/** The sessions of the corpus in emacs, in the terminal: its keys are control keys, and what they do shows in the row below its mode line. */

import { KEYS } from './script.ts';
import { type Plan, PROSE } from './setup.ts';

const EMACS = ['emacs', '-nw', '-Q'];
/** What is at the cursor; that a file was saved would name a folder of the machine. */
const WHAT = '\x18=';

/** Prose, and a program. */
export const EMACS_PLANS: readonly Plan[] = [
  {
    name: 'emacs-prose',
    program: 'emacs',
    command: [...EMACS, 'letter.txt'],
    files: { 'letter.txt': `${PROSE.join('\n')}\n` },
    type: (s) =>
      s
        .text('dear friend, ')
        .press(KEYS.enter)
        .text('it has been long since i wrote')
        .press('\x0e', 'command')
        .press('\x05')
        .text(' and more')
        .press('\x01')
        .text('well: ')
        .wait(WHAT, 'command')
        .press(KEYS.down, 'command')
        .press('\x06', 'command', 4)
        .text('old ')
        .press('\x13', 'command')
        .text('keeper')
        .wait(KEYS.enter)
        .text('s and boats')
        .press('\x02', 'correction', 5)
        .text('the ')
        .press('\x05')
        .wait(KEYS.enter)
        .text('on the way, ')
        .press(KEYS.backspace, 'correction', 2)
        .text('; and so on')
        .press('\x1b<', 'command')
        .press('\x0b', 'command')
        .text('to whom it may concern,')
        .press('\x1b>', 'command')
        .text('yours, ada')
        .wait(WHAT, 'command')
        .press('\x18', 'command')
        .press('b', 'again')
        .text('more')
        .wait(KEYS.enter)
        .text('another page begins here')
        .press(KEYS.enter)
        .text('and it goes on')
        .wait(WHAT, 'command'),
  },
  {
    name: 'emacs-code',
    program: 'emacs',
    command: [...EMACS, 'tool.py'],
    files: { 'tool.py': 'import sys\n\n\ndef main():\n    print(sys.argv)\n\n\nmain()\n' },
    type: (s) =>
      s
        .press('\x0e', 'command', 4)
        .press('\x05', 'command')
        .press(KEYS.enter)
        .text('count = 0')
        .press(KEYS.enter)
        .text('for name in sys.argv[1:]:')
        .press(KEYS.enter)
        .text('count += len(name)')
        .press(KEYS.enter)
        .press(KEYS.backspace, 'correction')
        .text('return count')
        .wait(WHAT, 'command')
        .press(KEYS.up, 'command', 2)
        .press(KEYS.end)
        .text('  # all of them')
        .press('\x1b<', 'command')
        .text('import os')
        .press(KEYS.enter)
        .text('import re')
        .press(KEYS.enter)
        .press('\x13', 'command')
        .text('main')
        .wait(KEYS.enter)
        .press('\x02', 'correction', 2)
        .text('x')
        .press(KEYS.backspace)
        .press('\x1b>', 'command')
        .text('print("done")')
        .wait(WHAT, 'command'),
    heldOut: true,
  },
];
