import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeKeyPair } from '../../../client/local/key-pair.ts';

test('every key pair can be read again, though one in 500 of the library can not', () => {
  for (let made = 0; made < 2_000; made++) {
    const pair = makeKeyPair(ssh2);
    expect(ssh2.utils.parseKey(pair.private)).not.toBeInstanceOf(Error);
    expect(ssh2.utils.parseKey(pair.public)).not.toBeInstanceOf(Error);
  }
});
