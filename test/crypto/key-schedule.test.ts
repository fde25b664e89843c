import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  agreeRenewal,
  createRenewal,
  directionKey,
  nextSecret,
  renewalTranscript,
} from '../../protocol/crypto/key-schedule.ts';
import { seal } from '../../protocol/crypto/seal.ts';
import { bytesOf, hexOf } from './hex.ts';
import { countingRandom, systemRandom } from './random.ts';

/** The root secret of the agreement's vector. */
const ROOT = bytesOf('28f8f82bd7b918c6d87362ac27be508edaa31a9bde8811f88f4555a4cc8e6bc2');

describe('the key schedule', () => {
  it('is frozen: the vector of SPEC.md', () => {
    const client = directionKey(ROOT, 'client');
    const server = directionKey(ROOT, 'server');
    expect(hexOf(client.key)).toBe('934a365529ca50099d53d6db8169c266313478badf1e5f69b23f929e46acacf1');
    expect(hexOf(client.iv)).toBe('a53355ccec207164ea157cd2');
    expect(hexOf(server.key)).toBe('ef006277bb3e451b49f3ce72a929a93a1d2107866723c3dfa085575ac953971c');
    expect(hexOf(server.iv)).toBe('0147b4362f065f904c584cc2');

    const header = bytesOf('40 0102030405060708 000000000007');
    expect(hexOf(seal(client, 7, header, bytesOf('01')))).toBe('0ec9b9e4d049fd7853693a9319b4bd3447');

    const clientKeys = createRenewal(countingRandom(0xa0));
    const serverKeys = createRenewal(countingRandom(0xc0));
    const shared = agreeRenewal(serverKeys.privateKey, clientKeys.publicKey) ?? expect.fail('no shared secret');
    const transcript = renewalTranscript(1, clientKeys.publicKey, serverKeys.publicKey);
    expect(hexOf(clientKeys.publicKey)).toBe('605a725d2a4adfeeb1a29e17edd621c1b7593ee8cdbc44ac6c4ab6e2f805d23c');
    expect(hexOf(serverKeys.publicKey)).toBe('dc2cca31e8e43bbd91dff7e475cca3347eb478107d5bd765aba4ae4a30c35d44');
    expect(hexOf(shared)).toBe('3b87c5035cce13678dd93d2dbc3a3d42039ebec86444a1ff82cd61b84c6fe968');
    expect(hexOf(transcript)).toBe('a2c9702eea0136728e433f17cfbf38ca5a455110cda37b74a4d7451e49f3ac6c');
    expect(hexOf(nextSecret(ROOT, shared, transcript))).toBe(
      '37d891f6fa355f77def59c19438505f0cdc5ef30c7033ece414c6b9b0c4853fa',
    );
  });

  it('equals the same steps taken with the HKDF of node:crypto', () => {
    const info = Buffer.from('\x11rove 1 client key');
    // Expand alone is HKDF with the extraction undone: node has no other way, so the PRK is made from a known salt.
    const prk = Buffer.from(hkdfExtract('salt', 'material'));
    const expected = Buffer.from(hkdfSync('sha256', 'material', 'salt', info, 32)).toString('hex');
    expect(hexOf(directionKey(prk, 'client').key)).toBe(expected);

    const transcript = createHash('sha256').update('t').digest();
    const next = hkdfSync(
      'sha256',
      'shared',
      'current',
      Buffer.concat([Buffer.from('\x0brove 1 next'), transcript]),
      32,
    );
    expect(hexOf(nextSecret(Buffer.from('current'), Buffer.from('shared'), transcript))).toBe(
      Buffer.from(next).toString('hex'),
    );
  });

  it('hashes phase and public keys in their order', () => {
    const a = new Uint8Array(32).fill(1);
    const b = new Uint8Array(32).fill(2);
    const expected = createHash('sha256').update(bytesOf('000000000102')).update(a).update(b).digest('hex');
    expect(hexOf(renewalTranscript(258, a, b))).toBe(expected);
  });

  it('never gives the same key twice: by direction, by phase, by the peer in between', () => {
    const keys = createRenewal(systemRandom);
    const peers = [createRenewal(systemRandom), createRenewal(systemRandom)];
    const secrets = [
      ROOT,
      ...peers.map((peer) => {
        const shared = agreeRenewal(keys.privateKey, peer.publicKey) ?? expect.fail('no shared secret');
        return nextSecret(ROOT, shared, renewalTranscript(1, keys.publicKey, peer.publicKey));
      }),
    ];
    const all = secrets.flatMap((secret) => [directionKey(secret, 'client'), directionKey(secret, 'server')]);
    expect(new Set(all.map(({ key }) => hexOf(key))).size).toBe(6);
    expect(new Set(all.map(({ iv }) => hexOf(iv))).size).toBe(6);
  });

  it('gives another secret when only the transcript differs', () => {
    const shared = new Uint8Array(32).fill(3);
    const public1 = new Uint8Array(32).fill(1);
    const public2 = new Uint8Array(32).fill(2);
    const one = nextSecret(ROOT, shared, renewalTranscript(1, public1, public2));
    expect(hexOf(one)).not.toBe(hexOf(nextSecret(ROOT, shared, renewalTranscript(1, public2, public1))));
    expect(hexOf(one)).not.toBe(hexOf(nextSecret(ROOT, shared, renewalTranscript(2, public1, public2))));
  });
});

/** HKDF-Extract is HMAC (RFC 5869 §2.2). */
function hkdfExtract(salt: string, material: string): Uint8Array {
  return createHmac('sha256', salt).update(material).digest();
}
