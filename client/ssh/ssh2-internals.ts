/**
 * The private parts of the ssh library (ssh2 1.17.0, its version is pinned) that the built-in ssh reaches for, all of them here, typed by
 * hand and looked for before they are used. Through its public face the library waits where RFC 4253 and 4252 let one go on, offers a
 * key without its signature first, knows no certificate, and checks the host's key before its signature. What is done to it:
 *
 * - `offer`: the algorithms to offer are set as a whole, so that those of host certificates can be among them;
 * - `greetAtOnce`: KEXINIT goes out with the identification and does not wait for the server's (RFC 4253 §7.1 allows it), and for a server
 *   that is known our half of the key exchange with them;
 * - `takeHandlers`: what it does with messages of authentication and of channels is replaced; it stays with transport and encoding;
 * - `send`: a message of our own making;
 * - `verifyHost`: the host's key is shown when its signature has been found good, and may be a certificate.
 */

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';
import { encodeString } from './ssh-string.ts';

/** Names of algorithms to offer, in order of preference. */
export interface Offer {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

/** What the library calls for the messages that concern us; the first argument is always the protocol. */
export interface Handlers {
  SERVICE_ACCEPT(protocol: unknown, name: string): void;
  EXT_INFO(protocol: unknown, extensions: readonly { readonly name: string; readonly algs: readonly string[] }[]): void;
  USERAUTH_BANNER(protocol: unknown, message: string): void;
  USERAUTH_SUCCESS(protocol: unknown): void;
  USERAUTH_FAILURE(protocol: unknown, left: readonly string[], partial: boolean): void;
  USERAUTH_PASSWD_CHANGEREQ(protocol: unknown, prompt: string): void;
  USERAUTH_PK_OK(protocol: unknown, algorithm: string, blob: Buffer): void;
  USERAUTH_INFO_REQUEST(
    protocol: unknown,
    name: string,
    instructions: string,
    prompts: readonly { readonly prompt: string; readonly echo: boolean }[],
  ): void;
  CHANNEL_OPEN(protocol: unknown, channel: { readonly type: string; readonly sender: number }): void;
  CHANNEL_OPEN_CONFIRMATION(
    protocol: unknown,
    channel: {
      readonly recipient: number;
      readonly sender: number;
      readonly window: number;
      readonly packetSize: number;
    },
  ): void;
  CHANNEL_OPEN_FAILURE(protocol: unknown, recipient: number, reason: number, description: string): void;
  CHANNEL_DATA(protocol: unknown, recipient: number, data: Buffer): void;
  CHANNEL_EXTENDED_DATA(protocol: unknown, recipient: number, data: Buffer, type: number): void;
  CHANNEL_WINDOW_ADJUST(protocol: unknown, recipient: number, amount: number): void;
  CHANNEL_SUCCESS(protocol: unknown, recipient: number): void;
  CHANNEL_FAILURE(protocol: unknown, recipient: number): void;
  CHANNEL_REQUEST(protocol: unknown, recipient: number, type: string, wantReply: boolean, data: unknown): void;
  CHANNEL_EOF(protocol: unknown, recipient: number): void;
  CHANNEL_CLOSE(protocol: unknown, recipient: number): void;
  GLOBAL_REQUEST(protocol: unknown, name: string, wantReply: boolean, data: unknown): void;
}

/** The library's senders of messages, by RFC 4252 and RFC 4254; `chan` is the other side's number of a channel. */
export interface Messages {
  authNone(user: string): void;
  authPassword(user: string, password: string | Buffer, newPassword?: string): void;
  authKeyboard(user: string): void;
  authInfoRes(answers?: readonly string[]): void;
  session(local: number, window: number, packetSize: number): void;
  directTcpip(
    local: number,
    window: number,
    packetSize: number,
    to: { readonly srcIP: string; readonly srcPort: number; readonly dstIP: string; readonly dstPort: number },
  ): void;
  openssh_directStreamLocal(
    local: number,
    window: number,
    packetSize: number,
    to: { readonly socketPath: string },
  ): void;
  channelOpenFail(chan: number, reason: number, description: string): void;
  channelData(chan: number, data: Buffer): void;
  channelEOF(chan: number): void;
  channelClose(chan: number): void;
  channelWindowAdjust(chan: number, amount: number): void;
  channelFailure(chan: number): void;
  requestFailure(): void;
  env(chan: number, name: string, value: string, wantReply: boolean): void;
  exec(chan: number, command: string, wantReply: boolean): void;
  shell(chan: number, wantReply: boolean): void;
  subsystem(chan: number, name: string, wantReply: boolean): void;
  signal(chan: number, name: string): void;
}

/** One key exchange. Its fields are set before the host's key is asked about. */
interface KeyExchange {
  readonly sessionID: Buffer | undefined;
  readonly negotiated: { readonly kex: string; serverHostKey: string };
  _hostKey: Buffer | undefined;
  readonly _sig: Buffer | undefined;
  /** Only of X25519. */
  _keys?: KeyPair | null;
  getPublicKey(): Buffer;
  start(): void;
  finish(scOnly?: boolean): unknown;
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Cipher {
  encrypt(packet: Buffer): void;
}

interface Protocol extends Messages {
  _handlers: Handlers;
  _offer: object;
  _kex: KeyExchange | undefined;
  _kexinit: Buffer | undefined;
  _cipher: Cipher;
  _queue: Buffer[] | undefined;
  _packetRW: {
    readonly write: {
      readonly allocStart: number;
      readonly allocStartKEX: number;
      alloc(length: number, force?: boolean): Buffer;
      finalize(packet: Buffer, force?: boolean): Buffer;
    };
  };
  _authsQueue: string[];
  _parse: Parse;
  _onHeader: (header: unknown) => void;
  _hostVerifier: HostVerifier | undefined;
  start: () => void;
  rekey(): void;
}

type Parse = (this: Protocol, chunk: Buffer, at: number, end: number) => number;
type HostVerifier = (blob: Buffer, verify: (good: boolean) => void) => boolean | undefined;

const METHODS = [
  ...['authNone', 'authPassword', 'authKeyboard', 'authInfoRes', 'session', 'directTcpip', 'openssh_directStreamLocal'],
  ...['channelOpenFail', 'channelData', 'channelEOF', 'channelClose', 'channelWindowAdjust', 'channelFailure'],
  ...['requestFailure', 'env', 'exec', 'shell', 'subsystem', 'signal', 'rekey', 'start', '_parse', '_onHeader'],
];
const OBJECTS = ['_handlers', '_offer', '_cipher', '_packetRW', '_authsQueue'];

/** Both from RFC 8308 and OpenSSH's PROTOCOL §1.9: not algorithms, but they stand among those of the key exchange. */
const KEX_EXTENSIONS = ['ext-info-c', 'kex-strict-c-v00@openssh.com'];

/** Of the algorithms whose host key is a certificate (OpenSSH's PROTOCOL.certkeys). */
const CERTIFICATE = '-cert-v01@openssh.com';

/** Most that a server may say before its identification, in bytes; it has nothing to say there (RFC 4253 §4.2). */
const PREFACE_BYTES_MAX = 64 * 1024;

/** How long the host's signature may come after its key before the key is shown without it, in ms. */
const SIGNATURE_WAIT_MS = 3000;

/** USERAUTH_REQUEST (RFC 4252 §6) */
const USERAUTH_REQUEST = 50;

/** What is guessed (RFC 8731), and its message KEX_ECDH_INIT. */
export const GUESSED_KEX = 'curve25519-sha256';
const ECDH_INIT = 30;
const X25519_BYTES = 32;

/** The server does not take the key exchange that was guessed: it has to be connected to anew, without a guess. */
export class WrongGuess extends Error {
  override readonly name = 'WrongGuess';
}

/** The inside of one client that has just been given its socket, before anything was sent. */
export class Ssh2Internals {
  readonly #client: Client;
  readonly #protocol: Protocol;
  /** The first algorithm of those that are offered for the key exchange. */
  #firstKex: string | undefined;
  /** Our half of the key exchange, if it went out already. */
  #guess: KeyPair | undefined;
  /** What was negotiated for the host's key, by its own name. */
  #hostKeyAlgorithm = '';
  #hostProof: { readonly hostKey: Uint8Array; readonly signature: Uint8Array } | undefined;

  /** Throws an `Error` that names what is missing if the library is not the one this was written for. */
  constructor(client: Client) {
    this.#client = client;
    this.#protocol = protocolOf(client);
    let exchange: KeyExchange | undefined;
    Object.defineProperty(this.#protocol, '_kex', {
      configurable: true,
      enumerable: true,
      get: () => exchange,
      set: (next: KeyExchange) => {
        exchange = next;
        this.#begun(next);
      },
    });
  }

  get messages(): Messages {
    return this.#protocol;
  }

  /** The session's identifier, which signatures are bound to (RFC 4253 §7.2). Undefined before the key exchange. */
  get sessionId(): Uint8Array | undefined {
    return this.#protocol._kex?.sessionID;
  }

  /** The host's key as it was sent, a certificate maybe, and its signature of the session's identifier, of the first key exchange. */
  get hostProof(): { readonly hostKey: Uint8Array; readonly signature: Uint8Array } | undefined {
    return this.#hostProof;
  }

  /** The software in the server's identification: `OpenSSH_9.2p1`. */
  get serverSoftware(): string {
    const software: unknown = Reflect.get(this.#client, '_remoteVer');
    return typeof software === 'string' ? software : '';
  }

  /** A server whose way with early messages is known (RFC 4252 §5.3): it numbers channels from 0 and ignores what came too early. */
  get isOpenSsh(): boolean {
    return /^OpenSSH_(?:7\.[4-9]|[89]|[1-9]\d)/.test(this.serverSoftware);
  }

  /** Starts the library's timer of keepalives (its `keepaliveInterval`), which otherwise its own authentication does. */
  startKeepalive(): void {
    const reset: unknown = Reflect.get(this.#client, '_resetKA');
    if (typeof reset === 'function') reset();
  }

  /** Sets what is offered; no compression, which would begin in the middle of what is sent ahead of the login's success. */
  offer(offer: Offer): void {
    const protocol = this.#protocol;
    this.#firstKex = offer.kex[0];
    const KexInit = protocol._offer.constructor as new (lists: object) => object;
    const direction = { cipher: offer.cipher, mac: offer.mac, compress: ['none'], lang: [] };
    protocol._offer = new KexInit({
      kex: [...offer.kex, ...KEX_EXTENSIONS],
      serverHostKey: offer.hostKey,
      cs: direction,
      sc: direction,
    });
  }

  /**
   * Has KEXINIT go out with the identification. The library sends its own when the server's comes: that one is swallowed. With `guess` our
   * half of the key exchange follows at once, too. Only so early does it save a round trip: what the server says of its algorithms its
   * TCP holds back until its identification is acknowledged (Nagle), and what comes next until that is. A guess that is wrong ends in a
   * `WrongGuess`. It is not announced as one (first_kex_packet_follows), as servers ignore those unless they prefer the same.
   */
  greetAtOnce(guess: boolean): void {
    const protocol = this.#protocol;
    const { start, _onHeader: onHeader, _parse: parseHeader } = protocol;
    let early: Buffer | undefined;
    let said = 0;
    protocol.start = () => {
      start();
      protocol.rekey();
      early = protocol._kexinit;
      if (guess && this.#firstKex === GUESSED_KEX) this.#sendGuess();
    };
    protocol._onHeader = (header) => {
      onHeader(header);
      protocol._cipher.encrypt = () => undefined;
    };
    const parse: Parse = (chunk, at, end) => {
      said += end - at;
      const next = parseHeader.call(protocol, chunk, at, end);
      if (protocol._parse !== parse) {
        // The identification is complete; from here on the prototype's `encrypt` holds again.
        Reflect.deleteProperty(protocol._cipher, 'encrypt');
        protocol._kexinit = early;
      } else if (said > PREFACE_BYTES_MAX) {
        throw new Error('too much text before the identification');
      }
      return next;
    };
    protocol._parse = parse;
  }

  /** Replaces what is done with some messages. */
  takeHandlers(handlers: Partial<Handlers>): void {
    Object.assign(this.#protocol._handlers, handlers);
  }

  /** What the library does with a message, for those who wrap it. */
  handler<Name extends keyof Handlers>(name: Name): Handlers[Name] {
    return this.#protocol._handlers[name];
  }

  /**
   * Calls `told` with the keys that the server says it has (OpenSSH's PROTOCOL §2.5), as ssh sends them. If it gives true the library has
   * the server prove them and emits those that it did as `hostkeys`; otherwise they are left alone.
   */
  hearHostKeys(told: (keys: readonly Uint8Array[]) => boolean): void {
    const otherwise = this.handler('GLOBAL_REQUEST');
    this.takeHandlers({
      GLOBAL_REQUEST: (protocol, name, wantReply, data) => {
        if (name === 'hostkeys-00@openssh.com') {
          const keys = (Array.isArray(data) ? data : []) as readonly ParsedKey[];
          if (!told(keys.map((key) => key.getPublicSSH()))) return;
        }
        otherwise(protocol, name, wantReply, data);
      },
    });
  }

  /** Sends a message of our own; while keys are exchanged it waits for their end, as the library's do. */
  send(payload: Uint8Array): void {
    const protocol = this.#protocol;
    const writer = protocol._packetRW.write;
    const packet = writer.alloc(payload.length);
    packet.set(payload, writer.allocStart);
    const finished = writer.finalize(packet);
    if (protocol._kexinit === undefined) {
      protocol._cipher.encrypt(finished);
    } else {
      protocol._queue ??= [];
      protocol._queue.push(finished);
    }
  }

  /** Sends an authentication by public key (RFC 4252 §7), `payload` a whole message, and has the answer 60 taken for PK_OK. */
  sendPublicKeyRequest(payload: Uint8Array): void {
    if (payload[0] !== USERAUTH_REQUEST) throw new Error('not an authentication request');
    this.#protocol._authsQueue.push('publickey');
    this.send(payload);
  }

  /**
   * Has `check` judge the host's key as it was sent, a certificate where one was negotiated; it calls its second argument with true or
   * never. `plainKey` takes the key out of a certificate. At later key exchanges the key has to be the first one.
   */
  verifyHost(
    check: (blob: Buffer, accept: () => void) => void,
    plainKey: (certificate: Buffer) => Uint8Array | undefined,
  ): void {
    const protocol = this.#protocol;
    let accepted: Buffer | undefined;
    protocol._hostVerifier = (blob, verify) => {
      const current = protocol._kex;
      if (current === undefined) return false;
      if (current._sig !== undefined) {
        this.#hostProof ??= { hostKey: Uint8Array.from(blob), signature: Uint8Array.from(current._sig) };
      }
      if (this.#hostKeyAlgorithm.endsWith(CERTIFICATE)) {
        const plain = plainKey(blob);
        if (plain === undefined) return false;
        presentPlainKey(current, this.#hostKeyAlgorithm, plain);
      }
      if (accepted !== undefined) {
        verify(accepted.equals(blob));
        return undefined;
      }
      afterSignature(current, () =>
        check(blob, () => {
          accepted = Buffer.from(blob);
          verify(true);
        }),
      );
      return undefined;
    };
  }

  /** A key exchange has been negotiated, and not started. */
  #begun(exchange: KeyExchange): void {
    this.#hostKeyAlgorithm = exchange.negotiated.serverHostKey;
    // The library compares it with the type of what is sent, which for RSA is not the algorithm's name.
    if (this.#hostKeyAlgorithm.endsWith(CERTIFICATE)) {
      exchange.negotiated.serverHostKey = typeOfCertificate(this.#hostKeyAlgorithm);
    }
    const guess = this.#guess;
    this.#guess = undefined;
    if (guess === undefined) return;
    if (exchange.negotiated.kex !== GUESSED_KEX) throw new WrongGuess(`the server prefers ${exchange.negotiated.kex}`);
    exchange._keys = guess;
    exchange.start = () => undefined;
  }

  #sendGuess(): void {
    const protocol = this.#protocol;
    this.#guess = generateKeyPairSync('x25519');
    const half = this.#guess.publicKey.export({ type: 'spki', format: 'der' }).subarray(-X25519_BYTES);
    const payload = Buffer.concat([Uint8Array.of(ECDH_INIT), encodeString(half)]);
    const writer = protocol._packetRW.write;
    const packet = writer.alloc(payload.length, true);
    packet.set(payload, writer.allocStartKEX);
    protocol._cipher.encrypt(writer.finalize(packet, true));
  }
}

/** The hash covers the certificate, the signature is by the key inside: the key takes its place when the hash has passed it. */
function presentPlainKey(exchange: KeyExchange, algorithm: string, plain: Uint8Array): void {
  exchange.negotiated.serverHostKey = algorithm.slice(0, -CERTIFICATE.length);
  const { getPublicKey } = exchange;
  exchange.getPublicKey = () => {
    // Our half of the exchange is hashed after the host's key and before the signature is checked.
    exchange._hostKey = Buffer.from(plain);
    return getPublicKey.call(exchange);
  };
}

/** Calls `then` when the library has found the signature good: so a key is shown only if the host holds it. */
function afterSignature(exchange: KeyExchange, then: () => void): void {
  const { finish } = exchange;
  let called = false;
  const once = (): void => {
    clearTimeout(timer);
    if (called) return;
    called = true;
    then();
  };
  // A server may keep its half of NEWKEYS back until ours has come.
  const timer = setTimeout(once, SIGNATURE_WAIT_MS);
  exchange.finish = (scOnly) => {
    clearTimeout(timer);
    const outcome = finish.call(exchange, scOnly);
    // What is fatal gives Infinity.
    if (outcome === false || outcome === undefined) once();
    return outcome;
  };
}

function typeOfCertificate(algorithm: string): string {
  return algorithm.startsWith('rsa-') ? `ssh-rsa${CERTIFICATE}` : algorithm;
}

function protocolOf(client: Client): Protocol {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (typeof protocol !== 'object' || protocol === null) throw new Error('the ssh library has no _protocol');
  const missing = [
    ...METHODS.filter((name) => typeof Reflect.get(protocol, name) !== 'function'),
    ...OBJECTS.filter((name) => typeof Reflect.get(protocol, name) !== 'object'),
  ];
  if (missing.length > 0) throw new Error(`the ssh library is not ssh2 1.17: it lacks ${missing.join(', ')}`);
  return protocol as Protocol;
}
