/**
 * The user's ssh-agent (draft-ietf-sshm-ssh-agent), asked one thing per connection: which keys it holds, a signature, to take a key. The
 * library has a client of its own, which drops certificates' and security keys' halves of what the agent says; this one passes
 * all through as it is. What an agent sends is bounded in size and in time.
 */

import { createConnection } from 'node:net';
import { Reader } from '../../../protocol/bytes.ts';
import { encodeString, encodeStrings, encodeU32, readString, readText } from '../ssh-string.ts';
import type { PrivateKey } from './private-key.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** How an agent is to hold a key. */
export interface AgentConstraints {
  /** The agent asks the user at each use. */
  readonly confirm: boolean;
  /** It forgets the key after so many seconds. */
  readonly lifetimeS: number | undefined;
}

/** What shows an agent which host a signature is for (OpenSSH's PROTOCOL.agent §1), of the first key exchange of the session. */
export interface SessionBinding {
  /** As the host sent it. */
  readonly hostKey: Uint8Array;
  readonly sessionId: Uint8Array;
  /** The host's, of the session id, as it was sent. */
  readonly signature: Uint8Array;
}

const SSH_AGENT_SUCCESS = 6;
const SSH_AGENTC_REQUEST_IDENTITIES = 11;
const SSH_AGENT_IDENTITIES_ANSWER = 12;
const SSH_AGENTC_SIGN_REQUEST = 13;
const SSH_AGENT_SIGN_RESPONSE = 14;
const SSH_AGENTC_ADD_IDENTITY = 17;
const SSH_AGENTC_ADD_ID_CONSTRAINED = 25;
const SSH_AGENTC_EXTENSION = 27;
const SSH_AGENT_CONSTRAIN_LIFETIME = 1;
const SSH_AGENT_CONSTRAIN_CONFIRM = 2;
/** The hash for a signature of an RSA key (§3.6.1); without a flag it is SHA-1. */
const SIGN_FLAGS: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/** Longest message taken, in bytes, as OpenSSH has it. */
const MESSAGE_SIZE_MAX = 256 * 1024;
/** Most keys taken of those it lists. */
const KEYS_MAX = 256;
/** An agent that does not list its keys in this time is left out, in ms. */
const LIST_TIMEOUT_MS = 5000;
/** For a signature the agent may ask the user, or wait for a touch; a server's patience ends by then, too. In ms. */
const SIGN_TIMEOUT_MS = 120_000;

/** The agent behind a socket. */
export class Agent {
  readonly #socketPath: string;
  readonly #binding: () => SessionBinding | undefined;

  /** `binding` tells, when it signs, for which session: keys that are for some hosts only (`ssh-add -h`) want to know. */
  constructor(socketPath: string, binding: () => SessionBinding | undefined = () => undefined) {
    this.#socketPath = socketPath;
    this.#binding = binding;
  }

  /** The keys and certificates it holds, in its order. Rejects if it is not there or makes no sense. */
  async list(): Promise<PublicKey[]> {
    const answer = await this.#ask([Uint8Array.of(SSH_AGENTC_REQUEST_IDENTITIES)], LIST_TIMEOUT_MS);
    if (answer.u8() !== SSH_AGENT_IDENTITIES_ANSWER) throw new Error('the agent does not list its keys');
    const keys: PublicKey[] = [];
    const count = Math.min(answer.u32(), KEYS_MAX);
    for (let index = 0; index < count; index++) {
      const blob = Uint8Array.from(readString(answer));
      const key = publicKeyOf(blob, readText(answer));
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  /**
   * A whole signature of `data` by the key or certificate `blob`, of the algorithm `algorithm`, which is that of the bare key. Rejects if the
   * agent refuses, or gives another kind of signature than was wanted.
   */
  async sign(blob: Uint8Array, data: Uint8Array, algorithm: string): Promise<Uint8Array> {
    const flags = SIGN_FLAGS[algorithm] ?? 0;
    const request = [Uint8Array.of(SSH_AGENTC_SIGN_REQUEST), encodeString(blob), encodeString(data), encodeU32(flags)];
    const binding = this.#binding();
    const before = binding === undefined ? [] : [encodeBinding(binding)];
    const answer = await this.#ask([...before, Buffer.concat(request)], SIGN_TIMEOUT_MS);
    if (answer.u8() !== SSH_AGENT_SIGN_RESPONSE) throw new Error('the agent refused to sign');
    const signature = Uint8Array.from(readString(answer));
    const signedWith = readText(new Reader(signature));
    if (signedWith !== algorithm) throw new Error(`the agent signed with ${signedWith} in place of ${algorithm}`);
    return signature;
  }

  /** Gives it a key to hold. Rejects if it does not want it. */
  async add(key: PrivateKey, comment: string, constraints: AgentConstraints): Promise<void> {
    const { confirm, lifetimeS } = constraints;
    const limits = [
      ...(lifetimeS === undefined ? [] : [Uint8Array.of(SSH_AGENT_CONSTRAIN_LIFETIME), encodeU32(lifetimeS)]),
      ...(confirm ? [Uint8Array.of(SSH_AGENT_CONSTRAIN_CONFIRM)] : []),
    ];
    const kind = limits.length === 0 ? SSH_AGENTC_ADD_IDENTITY : SSH_AGENTC_ADD_ID_CONSTRAINED;
    const request = [Uint8Array.of(kind), key.encodeForAgent(), encodeString(comment), ...limits];
    const answer = await this.#ask([Buffer.concat(request)], LIST_TIMEOUT_MS);
    if (answer.u8() !== SSH_AGENT_SUCCESS) throw new Error('the agent refused the key');
  }

  /** Sends messages over one connection and gives the answer to the last; what is answered to the others has no say. */
  #ask(messages: readonly Uint8Array[], timeoutMs: number): Promise<Reader> {
    return new Promise<Reader>((resolve, reject) => {
      const socket = createConnection(this.#socketPath);
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(timeoutMs, () => fail(new Error('the agent does not answer')));
      socket.on('error', fail);
      socket.on('close', () => reject(new Error('the agent hung up')));
      socket.write(encodeStrings(...messages));
      let unanswered = messages.length;
      let received = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        received = Buffer.concat([received, bytes]);
        while (received.length >= 4) {
          const length = received.readUInt32BE(0);
          if (length > MESSAGE_SIZE_MAX) return fail(new Error('the agent says more than it may'));
          if (received.length < 4 + length) return;
          const answer = received.subarray(4, 4 + length);
          received = received.subarray(4 + length);
          if (--unanswered > 0) continue;
          socket.destroy();
          return resolve(new Reader(answer));
        }
      });
    });
  }
}

function encodeBinding({ hostKey, sessionId, signature }: SessionBinding): Uint8Array {
  // The last byte: the agent is not forwarded to that host.
  const contents = encodeStrings('session-bind@openssh.com', hostKey, sessionId, signature);
  return Buffer.concat([Uint8Array.of(SSH_AGENTC_EXTENSION), contents, Uint8Array.of(0)]);
}
