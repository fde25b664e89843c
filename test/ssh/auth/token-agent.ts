/**
 * An agent that holds a FIDO key in software (OpenSSH's PROTOCOL.u2f), so that logins with security keys can be tried without one: what it
 * signs is what a token would sign, with the flag that says that the user touched it, and a counter.
 */

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:net';
import { encodeString, encodeStrings, encodeU32, readString } from '../../../client/ssh/ssh-string.ts';
import { Reader } from '../../../protocol/bytes.ts';

const TYPE = 'sk-ssh-ed25519@openssh.com';
const APPLICATION = 'ssh:';
const USER_PRESENT = Uint8Array.of(1);

/** A running agent with one key. */
export interface TokenAgent {
  readonly socket: string;
  /** The key as it stands in authorized_keys. */
  readonly publicLine: string;
  readonly blob: Uint8Array;
  /** How often it was touched. */
  readonly touches: () => number;
  stop(): void;
}

/** Starts one that listens at `socket`. */
export async function startTokenAgent(socket: string): Promise<TokenAgent> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = encodeStrings(TYPE, point, APPLICATION);
  let counter = 0;
  const signature = (data: Uint8Array): Uint8Array => {
    const count = encodeU32(++counter);
    const hash = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
    const signed = sign(null, Buffer.concat([hash(APPLICATION), USER_PRESENT, count, hash(data)]), privateKey);
    return Buffer.concat([encodeStrings(TYPE, signed), USER_PRESENT, count]);
  };
  const answer = (request: Reader): Uint8Array => {
    switch (request.u8()) {
      case 11:
        return Buffer.concat([Uint8Array.of(12), encodeU32(1), encodeStrings(blob, 'a token')]);
      case 13:
        readString(request);
        return Buffer.concat([Uint8Array.of(14), encodeString(signature(readString(request)))]);
      default:
        return Uint8Array.of(5);
    }
  };
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    let received = Buffer.alloc(0);
    connection.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
        const end = 4 + received.readUInt32BE(0);
        connection.write(encodeString(answer(new Reader(received.subarray(4, end)))));
        received = received.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    publicLine: `${TYPE} ${Buffer.from(blob).toString('base64')} a token`,
    blob,
    touches: () => counter,
    stop: () => void server.close(),
  };
}
