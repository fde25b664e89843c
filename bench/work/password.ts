/**
 * Passwords: bash's `read -s` and python's `getpass` both show nothing of them. Whoever shows a letter here has told a secret, and no
 * shell can know from the screen that this prompt is unlike the one before.
 */

import { diceFor, drawInteger, drawOne, WORDS } from './chance.ts';
import { CTRL_L, Keyboard } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'password';

export function passwordWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const secret = (): string => `${drawOne(dice, WORDS)}${drawInteger(dice, 10, 99)}${drawOne(dice, ['!', '?', '+'])}`;

  keyboard.letters('bash unlock.sh').enter().silent(secret()).enter();
  keyboard.letters('python3 vault.py').enter().silent(secret()).enter();
  keyboard.stage(CTRL_L);
  return {
    name: NAME,
    title: 'passwords, of which nothing may be seen',
    strokes: keyboard.strokes,
    files: {
      'unlock.sh': 'read -rs -p "Password: " secret\necho\necho "unlocked, $?"\n',
      'vault.py': "import getpass\nsecret = getpass.getpass('Passphrase: ')\nprint('opened,', len(secret) > 0)\n",
    },
    programs: ['bash', 'python3'],
  };
}
