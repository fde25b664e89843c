/**
 * Throw-away ed25519 keys. One in 500 that ssh2 1.17 makes is malformed: it can't read
 * it again itself. Such a pair is thrown away at once.
 */

import { assert } from '../../protocol/assert.ts';
import type { Ssh2 } from '../ssh/ssh2-library.ts';

/** Two in a row would be bad luck, so many the library's fault. */
const ATTEMPTS_MAX = 20;

/** The library's own: a comment, and a passphrase with its cipher and rounds. */
type KeyPairOptions = Parameters<Ssh2['utils']['generateKeyPairSync']>[1] & { readonly passphrase?: string };

/** A pair in OpenSSH's format that can be read again. */
export function makeKeyPair(
  ssh2: Ssh2,
  options: KeyPairOptions = {},
): { readonly private: string; readonly public: string } {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', options);
    const readable = [pair.private, pair.public].every(
      (text) => !(ssh2.utils.parseKey(text, options.passphrase) instanceof Error),
    );
    if (readable) return pair;
  }
  assert(false, 'an ssh key can be made');
}
