/**
 * The channels of one connection of the built-in ssh: opens them, finds the channel that a message is for, and sends what was asked for
 * before the login along with it. RFC 4252 §5.3 lets messages follow an authentication without waiting for its outcome; if it fails they are
 * void and are sent again later. With a server that is known to number its channels from 0, the command of the first goes along, too.
 */

import { printable } from '../printable.ts';
import { Channel, type ChannelKind, type ChannelLink, PACKET_BYTES, WINDOW_BYTES } from './embedded-channel.ts';
import type { Handlers, Messages, Ssh2Internals } from './ssh2-internals.ts';

/** Why a channel was not opened. */
export interface Refusal {
  /** RFC 4254 §5.1; undefined when the connection ended first. */
  readonly reason: number | undefined;
  readonly description: string;
}

/** A channel to open: `open` sends CHANNEL_OPEN, `requests` what follows on it, the last of them wanting a reply. */
export interface Wish {
  readonly kind: ChannelKind;
  open(messages: Messages, local: number): void;
  requests?(messages: Messages, remote: number): void;
}

/** A channel that is there. */
export interface Opened {
  readonly channel: Channel;
  /** Whether the last of its requests was granted; false if there was none. */
  readonly granted: Promise<boolean>;
}

/** RFC 4254 §5.1, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED */
const PROHIBITED = 1;
/** SSH_EXTENDED_DATA_STDERR (RFC 4254 §5.2) */
const STDERR = 1;
/** Of text that the other side gives for a refusal. */
const DESCRIPTION_LENGTH_MAX = 200;
/** Of the name of a signal. */
const SIGNAL_LENGTH_MAX = 30;

interface Asked {
  readonly channel: Channel;
  readonly wish: Wish;
  /** CHANNEL_OPEN is on its way. */
  sent: boolean;
  /** The requests went along, to this number. */
  guessed: number | undefined;
  readonly opened: (opened: Opened) => void;
  readonly refused: (refusal: Refusal) => void;
}

/** All channels, open and asked for. */
export class Channels {
  readonly #internals: Ssh2Internals;
  readonly #link: ChannelLink;
  /** By our number, in the order of asking. */
  readonly #asked = new Map<number, Asked>();
  readonly #open = new Map<number, Channel>();
  #next = 0;
  #loggedIn = false;
  #over: Error | undefined;

  constructor(internals: Ssh2Internals, link: ChannelLink) {
    this.#internals = internals;
    this.#link = link;
    internals.takeHandlers(this.#handlers());
  }

  /** How many are asked for and not confirmed yet. */
  get waiting(): number {
    return this.#asked.size;
  }

  /** Opens a channel, as soon as the login allows; rejects with a `Refusal`. */
  ask(wish: Wish): Promise<Opened> {
    const over = this.#over;
    if (over !== undefined) return Promise.reject<Opened>({ reason: undefined, description: over.message });
    return new Promise((opened, refused) => {
      const local = this.#next++;
      const channel = new Channel(wish.kind, local, this.#link);
      const asked: Asked = { channel, wish, sent: false, guessed: undefined, opened, refused };
      this.#asked.set(local, asked);
      if (this.#loggedIn) this.#send(asked);
    });
  }

  /** An authentication that will do has just been sent: what was asked for goes right behind it. */
  travelWithLogin(): void {
    if (!this.#internals.isOpenSsh) return;
    let first = true;
    for (const asked of this.#asked.values()) {
      if (asked.sent) continue;
      this.#send(asked);
      if (first && asked.wish.kind === 'session') {
        asked.guessed = 0;
        asked.wish.requests?.(this.#internals.messages, 0);
      }
      first = false;
    }
  }

  /** It did not do: the server has ignored what followed it. */
  loginRefused(): void {
    for (const asked of this.#asked.values()) {
      asked.sent = false;
      asked.guessed = undefined;
    }
  }

  loginDone(): void {
    this.#loggedIn = true;
    for (const asked of this.#asked.values()) if (!asked.sent) this.#send(asked);
  }

  /** The connection is gone: every channel ends. */
  lost(why: Error): void {
    this.#over ??= why;
    for (const { channel, refused } of this.#asked.values()) {
      refused({ reason: undefined, description: why.message });
      channel.lost(why);
    }
    this.#asked.clear();
    for (const channel of this.#open.values()) channel.lost(why);
    this.#open.clear();
  }

  #send(asked: Asked): void {
    asked.sent = true;
    asked.wish.open(this.#internals.messages, asked.channel.local);
  }

  #handlers(): Partial<Handlers> {
    const { messages } = this.#internals;
    const find = (local: number): Channel | undefined => this.#open.get(local);
    return {
      CHANNEL_OPEN: (_, { sender }) => messages.channelOpenFail(sender, PROHIBITED, ''),
      CHANNEL_OPEN_CONFIRMATION: (_, { recipient, sender, window, packetSize }) => {
        const asked = this.#asked.get(recipient);
        if (asked === undefined || !asked.sent) {
          this.#link.fault('a channel that nobody asked for');
          return;
        }
        this.#asked.delete(recipient);
        const { channel, guessed, wish } = asked;
        this.#open.set(recipient, channel);
        channel.confirmed(sender, window, packetSize);
        if (guessed === undefined) wish.requests?.(messages, sender);
        else if (guessed !== sender) {
          this.#link.fault('a channel with an unexpected number');
          return;
        }
        // At once: the answer may be in the same piece of bytes.
        const granted = wish.requests === undefined ? Promise.resolve(false) : channel.reply();
        asked.opened({ channel, granted });
      },
      CHANNEL_OPEN_FAILURE: (_, recipient, reason, description) => {
        const asked = this.#asked.get(recipient);
        if (asked === undefined || !asked.sent) return;
        this.#asked.delete(recipient);
        const text = printable(description, { lengthMax: DESCRIPTION_LENGTH_MAX });
        asked.refused({ reason, description: text });
        asked.channel.lost(new Error(text));
      },
      CHANNEL_DATA: (_, local, data) => find(local)?.received(data, 'stdout'),
      CHANNEL_EXTENDED_DATA: (_, local, data, type) => {
        if (type === STDERR) find(local)?.received(data, 'stderr');
      },
      CHANNEL_WINDOW_ADJUST: (_, local, amount) => find(local)?.grow(amount),
      CHANNEL_SUCCESS: (_, local) => find(local)?.replied(true),
      CHANNEL_FAILURE: (_, local) => find(local)?.replied(false),
      CHANNEL_REQUEST: (_, local, type, wantReply, data) => {
        const channel = find(local);
        if (channel === undefined) return;
        if (type === 'exit-status' && typeof data === 'number') {
          channel.receivedExit({ code: data, signal: undefined });
        } else if (type === 'exit-signal') {
          channel.receivedExit({ code: undefined, signal: signalOf(data) });
        } else if (wantReply && channel.remote !== undefined) {
          // OpenSSH asks "keepalive@openssh.com", to which any answer does.
          messages.channelFailure(channel.remote);
        }
      },
      CHANNEL_EOF: (_, local) => find(local)?.receivedEof(),
      CHANNEL_CLOSE: (_, local) => {
        find(local)?.receivedClose();
        this.#open.delete(local);
      },
    };
  }
}

/** A session without a terminal that runs something. */
export function sessionWish(
  what: { readonly kind: 'shell' } | { readonly kind: 'exec' | 'subsystem'; readonly name: string },
  env: Readonly<Record<string, string>>,
): Wish {
  return {
    kind: 'session',
    open: (messages, local) => messages.session(local, WINDOW_BYTES, PACKET_BYTES),
    requests: (messages, remote) => {
      for (const [name, value] of Object.entries(env)) messages.env(remote, name, value, false);
      if (what.kind === 'shell') messages.shell(remote, true);
      else messages[what.kind](remote, what.name, true);
    },
  };
}

/** A connection to a Unix socket over there. */
export function socketWish(path: string): Wish {
  return {
    kind: 'stream',
    open: (messages, local) =>
      messages.openssh_directStreamLocal(local, WINDOW_BYTES, PACKET_BYTES, { socketPath: path }),
  };
}

/** A TCP connection from over there. */
export function forwardWish(host: string, port: number): Wish {
  // Where the connection comes from is asked for and means nothing here (RFC 4254 §7.2).
  const to = { srcIP: '127.0.0.1', srcPort: 0, dstIP: host, dstPort: port };
  return {
    kind: 'stream',
    open: (messages, local) => messages.directTcpip(local, WINDOW_BYTES, PACKET_BYTES, to),
  };
}

function signalOf(data: unknown): string {
  const name = typeof data === 'object' && data !== null && 'signal' in data ? data.signal : undefined;
  return printable(typeof name === 'string' ? name : '', { lengthMax: SIGNAL_LENGTH_MAX }) || 'an unknown signal';
}
