import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../../client/ssh/host-keys/authority-signature.ts';
import {
  faultOf,
  type HostCertificate,
  parseCertificate,
  plainKeyOf,
} from '../../../client/ssh/host-keys/host-certificate.ts';
import { encodeMpint, encodeString, encodeStrings, encodeU32 } from '../../../client/ssh/ssh-string.ts';
import { blobOf, hasKeygen, KEY_KINDS, KeyRoom } from './authority.ts';

/** A moment at which a certificate from ssh-keygen without a validity of its own is good. */
const NOW = Date.UTC(2030, 0);

describe.skipIf(!hasKeygen)('a host certificate', () => {
  const room = new KeyRoom();
  afterAll(() => room.remove());
  const authority = room.key('ed25519', 256, 'authority');
  const host = room.key('ed25519', 256, 'host');

  function certificate(...options: string[]): HostCertificate {
    const parsed = parseCertificate(blobOf(room.certify(authority, host, ...options)));
    if (parsed === undefined) throw new Error('no certificate');
    return parsed;
  }

  it.each(KEY_KINDS)('by an authority of type %s %i is read, and its signature checked', (type, bits) => {
    const by = room.key(type, bits, 'authority');
    const blob = blobOf(room.certify(by, host, '-n', 'host.example,*.lan', '-V', '20200101:20300101'));
    const parsed = parseCertificate(blob);
    expect(parsed).toMatchObject({ kind: 2, principals: ['host.example', '*.lan'], criticalOptions: [] });
    expect(Buffer.from(parsed?.key ?? '').equals(blobOf(host))).toBe(true);
    expect(Buffer.from(parsed?.authority ?? '').equals(blobOf(by))).toBe(true);
    // The last byte belongs to the signature.
    const forged = Buffer.from(blob);
    forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
    expect(parseCertificate(forged)).toBeUndefined();
  });

  it.each(KEY_KINDS)('for a key of type %s %i has that key inside', (type, bits) => {
    const subject = room.key(type, bits, 'subject');
    const blob = blobOf(room.certify(authority, subject));
    expect(Buffer.from(plainKeyOf(blob) ?? '').equals(blobOf(subject))).toBe(true);
    expect(Buffer.from(parseCertificate(blob)?.key ?? '').equals(blobOf(subject))).toBe(true);
  });

  it('is good for its names alone, which are no patterns, or for all if it has none', () => {
    const some = certificate('-n', 'host.example,web?.lan');
    expect(faultOf(some, 'host.example', NOW)).toBeUndefined();
    expect(faultOf(some, 'web1.lan', NOW)).toMatch(/not among the names/);
    expect(faultOf(certificate(), 'anything', NOW)).toBeUndefined();
  });

  it('is good from its first second until the one before its last', () => {
    const parsed = certificate('-V', '20290101000000Z:20300101000000Z');
    const from = Date.UTC(2029, 0);
    const to = Date.UTC(2030, 0);
    expect(faultOf(parsed, 'host', from - 1)).toMatch(/not yet/);
    expect(faultOf(parsed, 'host', from)).toBeUndefined();
    expect(faultOf(parsed, 'host', to - 1)).toBeUndefined();
    expect(faultOf(parsed, 'host', to)).toMatch(/expired/);
    expect(faultOf(certificate('-V', 'always:forever'), 'host', Date.UTC(9999, 0))).toBeUndefined();
  });

  it('of a user is none', () => {
    expect(faultOf(certificate('--user', '-n', 'host'), 'host', NOW)).toMatch(/not a host certificate/);
  });

  it('with a critical option is not good, since none is known for hosts', () => {
    // ssh-keygen gives such an option to certificates of users only: the same bytes, said to be for a host.
    const parsed = certificate('--user', '-O', 'critical:new@example=1');
    expect(parsed.criticalOptions).toEqual(['new@example']);
    expect(faultOf({ ...parsed, kind: 2 }, 'host', NOW)).toMatch(/critical/);
  });

  it('signed by a key that is a certificate itself is none', () => {
    const nested = blobOf(room.certify(authority, room.key('ed25519', 256, 'nested')));
    const blob = blobOf(room.certify(authority, host));
    const plain = blobOf(authority);
    const at = blob.indexOf(plain);
    expect(at).toBeGreaterThan(0);
    const signature = blob.subarray(at + plain.length);
    const forged = Buffer.concat([blob.subarray(0, at - 4), encodeString(nested), signature]);
    expect(parseCertificate(forged)).toBeUndefined();
  });

  it('signed with SHA-1 is none', () => {
    const by = room.key('rsa', 2048, 'authority');
    expect(parseCertificate(blobOf(room.certify(by, host, '-t', 'rsa-sha2-256')))).toBeDefined();
    expect(parseCertificate(blobOf(room.certify(by, host, '-t', 'ssh-rsa')))).toBeUndefined();
  });

  it('does not survive the change of any byte, and none of any bytes is thrown over', () => {
    const good = blobOf(room.certify(authority, host, '-n', 'host'));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = Buffer.from(good);
        bad.writeUInt8(bad.readUInt8(at) ^ flip, at);
        expect(parseCertificate(bad)).toBeUndefined();
        expect(parseCertificate(good.subarray(0, at))).toBeUndefined();
        plainKeyOf(bad);
      }),
    );
    expect(parseCertificate(Buffer.concat([good, Buffer.of(0)]))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const typed = Buffer.concat([encodeString('ecdsa-sha2-nistp256-cert-v01@openssh.com'), bytes]);
        expect(parseCertificate(bytes)).toBeUndefined();
        expect(parseCertificate(typed)).toBeUndefined();
      }),
    );
  });
});

describe('the signature of an authority', () => {
  const DATA = Buffer.from('what is signed');

  function sha256(data: Uint8Array): Buffer {
    return createHash('sha256').update(data).digest();
  }

  it('may be made by a security key, whose flags, counter and application are signed with it', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const point = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
    const type = 'sk-ssh-ed25519@openssh.com';
    const key = Buffer.concat([encodeStrings(type, point, 'ssh:')]);
    const tail = Buffer.concat([Buffer.of(1), encodeU32(7)]);
    const value = sign(null, Buffer.concat([sha256(Buffer.from('ssh:')), tail, sha256(DATA)]), privateKey);
    const signature = Buffer.concat([encodeStrings(type, value), tail]);
    expect(isSignedBy(key, signature, DATA)).toBe(true);
    expect(isSignedBy(key, signature, Buffer.from('another'))).toBe(false);
    expect(isSignedBy(encodeStrings(type, point, 'ssh:other'), signature, DATA)).toBe(false);
    signature.writeUInt8(5, signature.length - 5);
    expect(isSignedBy(key, signature, DATA)).toBe(false);
  });

  it('may be made by a security key of the older kind', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.of(4), Buffer.from(`${x}`, 'base64url'), Buffer.from(`${y}`, 'base64url')]);
    const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
    const key = encodeStrings(type, 'nistp256', point, 'ssh:');
    const tail = Buffer.concat([Buffer.of(1), encodeU32(7)]);
    const data = Buffer.concat([sha256(Buffer.from('ssh:')), tail, sha256(DATA)]);
    const raw = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const numbers = Buffer.concat([encodeMpint(raw.subarray(0, 32)), encodeMpint(raw.subarray(32))]);
    const signature = Buffer.concat([encodeStrings(type, numbers), tail]);
    expect(isSignedBy(key, signature, DATA)).toBe(true);
    expect(isSignedBy(key, signature.subarray(0, -1), DATA)).toBe(false);
    expect(isSignedBy(key, Buffer.concat([signature, Buffer.of(0)]), DATA)).toBe(false);
  });

  it('is none by a point that is not on the curve, by a tiny or a huge RSA key', () => {
    const off = encodeStrings('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]));
    const numbers = Buffer.concat([encodeMpint(Buffer.alloc(32, 1)), encodeMpint(Buffer.alloc(32, 1))]);
    expect(isSignedBy(off, encodeStrings('ecdsa-sha2-nistp256', numbers), DATA)).toBe(false);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
    const { n, e } = publicKey.export({ format: 'jwk' });
    const tiny = Buffer.concat([
      encodeString('ssh-rsa'),
      encodeMpint(Buffer.from(`${e}`, 'base64url')),
      encodeMpint(Buffer.from(`${n}`, 'base64url')),
    ]);
    const signature = encodeStrings('rsa-sha2-256', sign('sha256', DATA, privateKey));
    expect(isSignedBy(tiny, signature, DATA)).toBe(false);
    const huge = Buffer.concat([
      encodeString('ssh-rsa'),
      encodeMpint(Buffer.of(1, 0, 1)),
      encodeMpint(Buffer.alloc(4096, 0xff)),
    ]);
    expect(isSignedBy(huge, encodeStrings('rsa-sha2-512', Buffer.alloc(4096, 1)), DATA)).toBe(false);
  });
});
