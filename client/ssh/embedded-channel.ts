/**
 * One channel of the built-in ssh (RFC 4254 §5): three streams, or one that goes both ways, over numbered packets, each direction with
 * a window that its receiver opens. What the user of a stream has not read yet counts against our window, so that no server can make us
 * keep more than that; what the server's window does not take waits in `stdin`, whose own limit then holds up whoever writes.
 */

import { Duplex, Readable, Writable } from 'node:stream';
import type { RemoteExit } from './connection.ts';
import { encodeString, encodeU32 } from './ssh-string.ts';
import type { Messages } from './ssh2-internals.ts';

/** Our window, in bytes: a second of a link with 200 ms and 80 Mbit/s, and what a server may make us hold. */
export const WINDOW_BYTES = 2 * 1024 * 1024;
/** Largest piece of data that we take and send, in bytes (RFC 4253 §6.1). */
export const PACKET_BYTES = 32 * 1024;
/** What a stream takes without being asked to wait, in bytes. */
const STREAM_BYTES = 64 * 1024;
const WINDOW_MAX = 2 ** 32 - 1;
/** The signals that have a name over there (RFC 4254 §6.10). */
const SIGNALS = 'ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' ');

/** RFC 4254 §5.4, and OpenSSH's request that says that no more output is taken. */
const CHANNEL_REQUEST = 98;
const END_OF_WRITE = 'eow@openssh.com';

/** What a channel needs of its connection. */
export interface ChannelLink {
  readonly messages: Messages;
  /** Sends a message of our own making. */
  send(payload: Uint8Array): void;
  /** Calls `then` when the socket takes more. */
  whenDrained(then: () => void): void;
  /** The other side broke the protocol: the connection ends. */
  fault(what: string): void;
}

/** `session` has three streams, `stream` one for both ways: `stdin` and `stdout` are the same then, and `stderr` is thrown away. */
export type ChannelKind = 'session' | 'stream';

/** A channel that was asked for; what is written waits for its confirmation. */
export class Channel {
  readonly kind: ChannelKind;
  readonly local: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the other side has closed it and all output was read, or the connection was lost. */
  readonly exited: Promise<RemoteExit>;
  readonly #link: ChannelLink;
  #remote: number | undefined;
  #sendWindow = 0;
  #packetBytes = PACKET_BYTES;
  #receiveWindow = WINDOW_BYTES;
  #waiting: { bytes: Buffer; readonly done: () => void } | undefined;
  #eofSent = false;
  #eofReceived = false;
  #closeSent = false;
  #closed = false;
  #exit: RemoteExit = { code: undefined, signal: undefined };
  #onClosed: () => void = () => undefined;
  readonly #replies: ((good: boolean) => void)[] = [];

  constructor(kind: ChannelKind, local: number, link: ChannelLink) {
    this.kind = kind;
    this.local = local;
    this.#link = link;
    const readable = { highWaterMark: STREAM_BYTES, read: () => this.#grant() };
    const writable = {
      highWaterMark: STREAM_BYTES,
      decodeStrings: true,
      write: (bytes: Buffer, _encoding: string, done: () => void) => this.#take(bytes, done),
      final: (done: () => void) => {
        this.#sendEof();
        done();
      },
    };
    if (kind === 'session') {
      this.stdin = new Writable(writable);
      this.stdout = new Readable({
        ...readable,
        destroy: (error, done) => {
          this.#sendEndOfReading();
          done(error);
        },
      });
      this.stderr = new Readable(readable);
    } else {
      const both = new Duplex({
        readableHighWaterMark: STREAM_BYTES,
        writableHighWaterMark: STREAM_BYTES,
        read: readable.read,
        write: writable.write,
        final: writable.final,
        destroy: (error, done) => {
          this.close();
          done(error);
        },
      });
      this.stdin = both;
      this.stdout = both;
      this.stderr = new Readable(readable).resume();
    }
    // An end from over there is told by the streams' end and by `exited`.
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on('error', () => undefined);
    const closed = new Promise<void>((done) => {
      this.#onClosed = done;
    });
    this.exited = closed.then(() => Promise.all([this.stdout, this.stderr].map(read))).then(() => this.#exit);
  }

  /** The stream of both ways; only for the kind `stream`. */
  get stream(): Duplex | undefined {
    return this.stdin instanceof Duplex ? this.stdin : undefined;
  }

  /** The other side's number for it, once it is confirmed. */
  get remote(): number | undefined {
    return this.#remote;
  }

  /** It is open over there. */
  confirmed(remote: number, window: number, packetBytes: number): void {
    if (packetBytes < 1) {
      this.#link.fault('a channel that takes no byte');
      return;
    }
    this.#remote = remote;
    this.#sendWindow = window;
    this.#packetBytes = Math.min(packetBytes, PACKET_BYTES);
    if (this.#closeSent) this.#link.messages.channelClose(remote);
    else if (this.#eofSent) this.#link.messages.channelEOF(remote);
    this.#flush();
  }

  /** The answer to the next request that wants one (CHANNEL_SUCCESS, CHANNEL_FAILURE); false, too, when the channel ends before it. */
  reply(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((done) => this.#replies.push(done));
  }

  replied(good: boolean): void {
    this.#replies.shift()?.(good);
  }

  grow(amount: number): void {
    this.#sendWindow = Math.min(WINDOW_MAX, this.#sendWindow + amount);
    this.#flush();
  }

  received(bytes: Buffer, from: 'stdout' | 'stderr'): void {
    if (this.#closed || this.#eofReceived) return;
    if (bytes.length > this.#receiveWindow) {
      this.#link.fault('more data than it was allowed to send');
      return;
    }
    this.#receiveWindow -= bytes.length;
    const stream = this[from];
    if (!stream.destroyed) stream.push(bytes);
    this.#grant();
  }

  receivedEof(): void {
    if (this.#eofReceived) return;
    this.#eofReceived = true;
    for (const stream of [this.stdout, this.stderr]) {
      if (!stream.destroyed) stream.push(null);
    }
    if (this.kind === 'stream' && this.#eofSent) this.close();
  }

  receivedExit(exit: RemoteExit): void {
    this.#exit = exit;
  }

  /** The other side has closed it: nothing more goes either way. */
  receivedClose(): void {
    this.#end();
    this.close();
  }

  /** The connection is gone. */
  lost(why: Error): void {
    this.#exit = { ...this.#exit, lost: why };
    this.#closeSent = true;
    this.#end();
  }

  signal(name: string): void {
    if (this.#remote !== undefined && !this.#closeSent && SIGNALS.includes(name))
      this.#link.messages.signal(this.#remote, name);
  }

  /** Wants it closed, whatever is still on its way. */
  close(): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#eofSent = true;
    if (this.#remote !== undefined) this.#link.messages.channelClose(this.#remote);
  }

  #end(): void {
    if (this.#closed) return;
    this.receivedEof();
    this.#closed = true;
    for (const reply of this.#replies.splice(0)) reply(false);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.done();
    if (this.kind === 'session') this.stdin.destroy();
    else this.stdin.end();
    this.#onClosed();
  }

  #take(bytes: Buffer, done: () => void): void {
    // Nobody is there to take it: as with a pipe that is read to its end and no further.
    if (this.#closed || this.#closeSent) {
      done();
      return;
    }
    this.#waiting = { bytes, done };
    this.#flush();
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#remote === undefined || this.#closeSent) return;
    while (waiting.bytes.length > 0 && this.#sendWindow > 0) {
      const length = Math.min(waiting.bytes.length, this.#sendWindow, this.#packetBytes);
      this.#sendWindow -= length;
      this.#link.messages.channelData(this.#remote, waiting.bytes.subarray(0, length));
      waiting.bytes = waiting.bytes.subarray(length);
    }
    if (waiting.bytes.length > 0) return;
    this.#waiting = undefined;
    this.#link.whenDrained(waiting.done);
  }

  #sendEof(): void {
    if (this.#eofSent) return;
    this.#eofSent = true;
    if (this.#remote !== undefined && !this.#closed) this.#link.messages.channelEOF(this.#remote);
    if (this.kind === 'stream' && this.#eofReceived) this.close();
  }

  /** Nobody takes the output any more: the program over there gets EPIPE for more of it, and its status is still told (PROTOCOL §2.1). */
  #sendEndOfReading(): void {
    if (this.#eofReceived || this.#closeSent || this.#remote === undefined) return;
    const request = [encodeString(END_OF_WRITE), Uint8Array.of(0)];
    this.#link.send(Buffer.concat([Uint8Array.of(CHANNEL_REQUEST), encodeU32(this.#remote), ...request]));
  }

  /** Opens our window again by what has been read, once that is worth a message. */
  #grant(): void {
    if (this.#remote === undefined || this.#closeSent || this.#eofReceived) return;
    const unread = [this.stdout, this.stderr].reduce(
      (sum, stream) => sum + (stream.destroyed ? 0 : stream.readableLength),
      0,
    );
    const free = WINDOW_BYTES - unread - this.#receiveWindow;
    if (free < WINDOW_BYTES / 2) return;
    this.#receiveWindow += free;
    this.#link.messages.channelWindowAdjust(this.#remote, free);
  }
}

/** Resolves when nothing of an ended stream is left to read; nobody has to look into an empty one. */
function read(stream: Readable): Promise<void> {
  if (stream.destroyed || stream.readableLength === 0) return Promise.resolve();
  return new Promise((done) => stream.once('close', done));
}
