/**
 * One end of a session: datagrams and `now` in; datagrams and one deadline out (SPEC.md §3 to §6). Fully deterministic:
 * the same calls with the same arguments give the same datagrams. No method throws on bytes from the network.
 *
 * After any call the answers of `pollTransmit` and `nextTimeout` may change: drain the first until undefined, then ask the second.
 */

import { DecodeError, Writer } from '../bytes.ts';
import { HEADER_BYTES, REPEAT_FROM_LOSS, SMALL_PACKET, TAG_BYTES } from '../constants.ts';
import { KeyPhases } from '../crypto/key-phases.ts';
import type { Random } from '../crypto/random.ts';
import { CongestionWindow } from './congestion.ts';
import type { Carried, Content } from './content.ts';
import { type DropReason, Envelope } from './envelope.ts';
import { type AckFrame, encodeFrame, type Frame, framesOf, isEliciting } from './frames.ts';
import { KeyRenewal } from './key-renewal.ts';
import { Liveness } from './liveness.ts';
import { DatagramSize } from './mtu.ts';
import { type PathId, Paths } from './paths.ts';
import { MOST_REPEATED, Probing, type Purpose } from './probing.ts';
import { ReceivedPackets } from './received.ts';
import { Repetition } from './repetition.ts';
import { RttEstimator } from './rtt.ts';
import { type SentPacket, SentPackets } from './sent.ts';

/** A datagram to send: the caller owns the bytes. */
export interface Transmit {
  readonly path: PathId;
  readonly datagram: Uint8Array;
}

export interface ConnectionOptions {
  readonly role: 'client' | 'server';
  readonly now: number;
  /** 8 bytes. */
  readonly connectionId: Uint8Array;
  /** The root secret that both ends agreed on, 32 bytes. */
  readonly secret: Uint8Array;
  readonly random: Random;
  /** In order of importance. */
  readonly contents: readonly Content[];
}

/** Room for frames below this is not worth a packet: the smallest part of a state, or a public key. */
const LEAST_ROOM = 48;
/** So many packets of the peer missing in a row, after a silence of a probe timeout, mean that the path was down: at 29 % loss that is chance once in 140. */
const HOLE_PACKETS = 4;

export class Connection {
  readonly #role: 'client' | 'server';
  readonly #keys: KeyPhases;
  readonly #renewal: KeyRenewal;
  readonly #envelope: Envelope;
  readonly #rtt = new RttEstimator();
  readonly #received = new ReceivedPackets();
  readonly #sent = new SentPackets(this.#rtt);
  readonly #congestion = new CongestionWindow(this.#rtt);
  readonly #size = new DatagramSize();
  readonly #repetition = new Repetition();
  readonly #paths: Paths;
  readonly #probing: Probing;
  readonly #liveness: Liveness;
  readonly #contents: readonly Content[];
  readonly #writer = new Writer();

  /** Datagrams and bytes of UDP payload, both ways, and drops by reason. */
  readonly counters = {
    sent: 0,
    sentBytes: 0,
    received: 0,
    receivedBytes: 0,
    lost: 0,
    drops: { malformed: 0, 'connection-id': 0, replayed: 0, forged: 0, 'bad-frames': 0 },
  };

  constructor(options: ConnectionOptions) {
    this.#role = options.role;
    this.#keys = new KeyPhases(options);
    this.#envelope = new Envelope(options.connectionId, this.#keys);
    this.#renewal = new KeyRenewal(this.#keys);
    this.#paths = new Paths(options.random, options.role === 'server');
    this.#probing = new Probing(this.#paths);
    this.#contents = [this.#renewal, ...options.contents];
    this.#liveness = new Liveness(options.role, options.now, this.#rtt);
  }

  /** When the last authentic datagram came; the start of the connection before the first. */
  get lastHeardAt(): number {
    return this.#liveness.lastHeardAt;
  }

  /** Whether an authentic datagram has come yet. */
  get heard(): boolean {
    return this.#liveness.heard;
  }

  /** Since when something is sent without any answer; undefined while the peer answers. */
  get unansweredSince(): number | undefined {
    return this.#liveness.unansweredSince;
  }

  /** What the current path carries without a queue of ours, in bytes a ms, as far as is known. */
  get rate(): number {
    return this.#congestion.window / Math.max(this.#rtt.smoothed, 1);
  }

  /** Smoothed round trip in ms. */
  get smoothedRtt(): number {
    return this.#rtt.smoothed;
  }

  /** Shares of datagrams lost, 0 to 1, over the last 64 each way: `sent` of what this end sends, `received` of what the peer does. */
  get lossRates(): { readonly sent: number; readonly received: number } {
    return { sent: this.#sent.loss.rate, received: this.#envelope.loss.rate };
  }

  /** Where packets go now. */
  get currentPath(): PathId | undefined {
    return this.#paths.current;
  }

  /** Client: another way to the server. The first is used until it is silent. */
  addPath(path: PathId): void {
    this.#paths.add(path);
  }

  /** Client: a way is gone. */
  removePath(now: number, path: PathId): void {
    this.#probing.remove(path);
    if (this.#paths.remove(path)) this.#pathChanged(now);
  }

  /** Client: asks for an answer at once: to begin with, when the network has changed, when the machine has woken. */
  probe(): void {
    this.#probing.ask('asked');
  }

  /** Client: a PING after so many ms of quiet, Infinity for none, instead of the protocol's own rhythm (undefined). */
  setKeepalive(intervalMs: number | undefined): void {
    this.#liveness.setKeepalive(intervalMs);
  }

  /** Makes an acknowledgement due now, whether one is owed or not. */
  acknowledge(now: number): void {
    this.#received.hurry(now);
  }

  /** The socket would not send `size` bytes by `path`: too large for its link, or no way there. */
  onSendError(now: number, path: PathId, code: 'too-big' | 'unreachable', size: number): void {
    if (code === 'too-big') {
      // Not where it makes no difference: what is refused at every size would be sent again without end.
      if (this.#size.refused(size)) this.#askAgain(now);
      return;
    }
    if (this.#role === 'client' && this.#probing.leave(path)) this.#pathChanged(now);
  }

  /** Takes a datagram, which is borrowed during the call. Says why if it was dropped. */
  receive(now: number, datagram: Uint8Array, from: PathId): DropReason | undefined {
    const reason = this.#receive(now, datagram, from);
    this.counters.received++;
    this.counters.receivedBytes += datagram.length;
    if (reason !== undefined) this.counters.drops[reason]++;
    return reason;
  }

  /** Does what is due at `now`. Early calls do nothing. */
  tick(now: number): void {
    this.#keys.tick(now);
    if (this.#paths.tick(now)) this.#pathChanged(now);
    if (this.#sent.lossAt <= now) this.#onLost(now, this.#sent.detectLost(now), true);
    if (this.#mayTransmit && this.#probeAt(now) <= now) {
      const purpose = this.#liveness.onProbe(now);
      this.#probing.forgive();
      this.#probing.ask(purpose, purpose === 'whole' && this.#role === 'client');
      if (this.#liveness.isDead(now)) this.#congestion.collapse();
    }
  }

  /** The next datagram to send now; undefined when there is none. */
  pollTransmit(now: number): Transmit | undefined {
    const response = this.#paths.nextResponse();
    if (response !== undefined) return this.#transmitResponse(response.path, response.data);
    const path = this.#paths.current;
    if (path === undefined || this.#liveness.isMute(now)) return undefined;
    const probe = this.#probing.take();
    const probed = probe && this.#transmit(now, probe.path, probe.purpose);
    const sent = probed ?? this.#transmit(now, path, 'content');
    if (sent !== undefined || this.#repetition.at > now) return sent;
    this.#repetition.settle();
    return this.#transmit(now, path, 'repeat');
  }

  /** When to call `tick` again: a moment, `Infinity` if never. */
  nextTimeout(now: number): number {
    if (this.#paths.current === undefined || this.#liveness.isMute(now)) return this.#keys.nextTimeout();
    let at = Math.min(this.#keys.nextTimeout(), this.#sent.lossAt, this.#paths.giveUpAt);
    if (!this.#mayTransmit) return at;
    at = Math.min(
      at,
      this.#probeAt(now),
      this.#paths.challengeAt,
      this.#received.ackAt,
      this.#liveness.keepaliveAt(now),
      this.#repetition.at,
    );
    for (const content of this.#contents) {
      if (this.#windowIsOpen(content)) at = Math.min(at, content.sendAt);
    }
    return at;
  }

  #receive(now: number, datagram: Uint8Array, from: PathId): DropReason | undefined {
    const opened = this.#envelope.open(now, datagram);
    if (typeof opened === 'string') return opened;
    const { packetNumber, plaintext, missing } = opened;
    const quietMs = now - this.#liveness.lastHeardAt;
    const wasDown = this.#liveness.isDead(now) || (missing >= HOLE_PACKETS && quietMs >= this.#rtt.probeTimeout);
    const silentProbes = this.#liveness.onHeard(now);
    this.#probing.forgive();
    const moved = this.#paths.onReceived(now, from, datagram.length, missing >= 0);

    const frames = framesOf(plaintext);
    const eliciting = frames?.some(isEliciting) ?? false;
    let reason: DropReason | undefined = frames === undefined ? 'bad-frames' : undefined;
    // Acknowledgements last: what the other frames say of the peer's state tells what they mean.
    for (const frame of frames ?? [])
      if (frame.kind !== 'ack' && !this.#onFrame(now, frame, from)) reason = 'bad-frames';
    for (const frame of frames ?? []) if (frame.kind === 'ack') this.#onAck(now, frame, wasDown);
    // What was refused is not acknowledged: it may be sent again, and be taken then.
    if (reason === undefined) this.#received.add(now, packetNumber, datagram.length, eliciting);
    // A client that follows the server to another of its paths learns nothing new of them: both may be well, and the answers take turns.
    if (moved && this.#role === 'server') this.#pathChanged(now);
    else if (wasDown) this.#pathReturned(now);
    else if (silentProbes > 0) this.#giveUp(now, now - this.#rtt.probeTimeout);
    return reason;
  }

  /** False when a content could not take its frame. */
  #onFrame(now: number, frame: Exclude<Frame, AckFrame>, from: PathId): boolean {
    switch (frame.kind) {
      case 'ping':
        return true;
      case 'path-challenge':
        this.#paths.onChallenge(from, frame.data);
        return true;
      case 'path-response':
        this.#paths.onResponse(frame.data);
        return true;
      default:
        this.#liveness.onContent(now);
        return this.#giveToContents(now, frame);
    }
  }

  #giveToContents(now: number, frame: Frame): boolean {
    try {
      return this.#contents.some((content) => content.receive(now, frame));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return false;
    }
  }

  /** `wasDown`: what is missing went into a hole, and is no sign of how the path is now. */
  #onAck(now: number, ack: AckFrame, wasDown: boolean): void {
    const { acked, lost, late, sample } = this.#sent.onAck(now, ack, wasDown);
    if (sample !== undefined) this.#rtt.update(now, sample, ack.delayMs);
    for (const packet of acked) {
      this.#size.onAcked(packet.size);
      this.#received.forgetBelow(packet.acknowledges);
      for (const carried of packet.carried) carried.acked(now);
    }
    for (const packet of late) for (const carried of packet.carried) carried.acked(now);
    this.#onLost(now, lost, true);
    this.#congestion.onAck(now, acked.length, sample);
  }

  #onLost(now: number, lost: readonly SentPacket[], countsAsLoss: boolean): void {
    for (const packet of lost) {
      if (countsAsLoss) {
        this.counters.lost++;
        this.#size.onLost(packet.size);
      }
      for (const carried of packet.carried) carried.lost(now);
    }
    // A copy that is lost while its fellow arrives is the price of repeating, not congestion.
    if (countsAsLoss) this.#congestion.onLost(lost.filter((packet) => !packet.repeats).length);
  }

  /** What was sent before `sentBefore` is presumed gone: it is to be sent again, at once. */
  #giveUp(now: number, sentBefore: number): void {
    this.#onLost(now, this.#sent.abandon(now, sentBefore), false);
  }

  #pathChanged(now: number): void {
    this.#rtt.reset();
    this.#congestion.reset();
    this.#size.reset();
    this.#askAgain(now);
  }

  /** Nothing that was under way can have arrived: the newest of it leaves at once, and there is no queue of ours that it would wait in. */
  #pathReturned(now: number): void {
    // What was heard may be a question: whoever asked through the hole waits for the answer, and has more to send then.
    this.#received.hurry(now);
    this.#congestion.recover();
    this.#giveUp(now, Number.POSITIVE_INFINITY);
  }

  /** All that was under way is to be sent again at once; a client asks also when there was nothing, so that the server learns of the way. */
  #askAgain(now: number): void {
    if (this.#role === 'client') this.#probing.ask('whole');
    this.#giveUp(now, Number.POSITIVE_INFINITY);
  }

  /** Whether the current path may be sent anything. Where not, only hearing from the client helps. */
  get #mayTransmit(): boolean {
    const path = this.#paths.current;
    return path !== undefined && this.#paths.allowance(path) >= HEADER_BYTES + TAG_BYTES + LEAST_ROOM;
  }

  #probeAt(now: number): number {
    // What has been heard since answers every question; a copy that is still under way alone needs no other.
    const waits = this.#liveness.unansweredSince !== undefined || this.#contents.some((content) => content.pending);
    return waits && this.#sent.eliciting > 0 ? this.#liveness.probeAt(now) : Number.POSITIVE_INFINITY;
  }

  #windowIsOpen(content: Content): boolean {
    return content.urgent || this.#sent.bytes < this.#congestion.window;
  }

  #transmit(now: number, path: PathId, purpose: Purpose): Transmit | undefined {
    const probe = purpose !== 'content' && purpose !== 'repeat';
    const lossRate = this.#sent.loss.rate;
    const keepalive = this.#liveness.keepaliveAt(now) <= now;
    const limit = Math.min(this.#size.limit, this.#paths.allowance(path));
    const room = limit - HEADER_BYTES - TAG_BYTES;
    if (room < LEAST_ROOM) return undefined;

    this.#writer.clear();
    const carried: Carried[] = [];
    const ackDue = this.#received.ackAt <= now;
    const challenge = this.#paths.current === path ? this.#paths.takeChallenge(now, this.#rtt.probeTimeout) : undefined;
    // The acknowledgement rides on anything; whether there is anything, only writing tells.
    // Where packets get lost it rides also on what needs none: the one that was sent before may have been lost.
    const repeatsAck = probe || (purpose === 'content' && lossRate >= REPEAT_FROM_LOSS);
    let ack = this.#received.ackAt < Number.POSITIVE_INFINITY || repeatsAck ? this.#received.frame(now) : undefined;
    if (ack !== undefined) this.#writeAck(now, ack, purpose === 'light' ? 0 : room, room);
    let ackEnd = this.#writer.length;
    if (challenge !== undefined) encodeFrame(this.#writer, { kind: 'path-challenge', data: challenge });
    if (this.#liveness.isInUse(now)) this.#renewal.startIfDue(now);
    this.#writeContents(now, purpose, room, carried);
    if (this.#writer.length === ackEnd && ack !== undefined && !ackDue && !probe && !keepalive) {
      // Where little may be sent, an acknowledgement that is not due yet must not keep out what is.
      this.#writer.clear();
      ack = undefined;
      ackEnd = 0;
      this.#writeContents(now, purpose, room, carried);
    }
    if (this.#writer.length === ackEnd && (probe || keepalive)) encodeFrame(this.#writer, { kind: 'ping' });

    const eliciting = this.#writer.length > ackEnd;
    if (!eliciting && !ackDue) return undefined;
    if (ack !== undefined) this.#received.settle();
    if (probe) this.#pad(now, room, purpose);
    if (carried.length > 0 && purpose === 'content') this.#liveness.onContent(now);
    const acknowledges = ack?.ranges[0]?.last ?? -1;
    const sent = this.#sealPacket(now, path, eliciting, carried, acknowledges, purpose === 'repeat');
    if (carried.length > 0 && (purpose === 'content' || purpose === 'whole')) {
      const rate = sent.datagram.length <= SMALL_PACKET ? lossRate : 0;
      this.#repetition.onSent(now, rate, purpose === 'whole');
    }
    return sent;
  }

  /** With zeros, to the size that a probe is to have. */
  #pad(now: number, room: number, purpose: Purpose): void {
    const size = this.#liveness.probeSize(now, purpose) - HEADER_BYTES - TAG_BYTES;
    while (this.#writer.length < Math.min(room, size)) this.#writer.u8(0);
  }

  #writeAck(now: number, ack: AckFrame, spare: number, room: number): void {
    encodeFrame(this.#writer, ack);
    if (this.#writer.length > spare / 2) {
      // Little room: the newest range alone, so that something else fits too.
      this.#writer.clear();
      encodeFrame(this.#writer, { ...ack, ranges: ack.ranges.slice(0, 1) });
    }
    for (const content of this.#contents) {
      if (content.ridesWithAck)
        content.write(now, { writer: this.#writer, left: room - this.#writer.length, probe: false });
    }
  }

  #writeContents(now: number, purpose: Purpose, room: number, carried: Carried[]): void {
    const probe = purpose !== 'content';
    const most = MOST_REPEATED[purpose];
    for (const content of this.#contents) {
      const due = content.sendAt <= now && most === Number.POSITIVE_INFINITY;
      if (!due && !(probe && content.pending && content.outstanding <= most)) continue;
      if (!probe && !this.#windowIsOpen(content)) {
        this.#congestion.markLimited();
        continue;
      }
      const small = !probe && this.#sent.bytes >= this.#congestion.window;
      const left = (small ? Math.min(room, SMALL_PACKET) : room) - this.#writer.length;
      if (left <= 0) return;
      const one = content.write(now, { writer: this.#writer, left, probe });
      if (one !== undefined) carried.push(one);
    }
  }

  #transmitResponse(path: PathId, data: Uint8Array): Transmit | undefined {
    this.#writer.clear();
    encodeFrame(this.#writer, { kind: 'path-response', data });
    return this.#sealPacket(0, path, false, [], -1, false);
  }

  #sealPacket(
    now: number,
    path: PathId,
    ackEliciting: boolean,
    carried: readonly Carried[],
    acknowledges: number,
    repeats: boolean,
  ): Transmit {
    const { packetNumber, datagram } = this.#envelope.seal(this.#writer.finish());
    const size = datagram.length;
    this.counters.sent++;
    this.counters.sentBytes += size;
    this.#paths.onSent(path, size);
    if (ackEliciting) {
      this.#liveness.onAsked(now);
      this.#onLost(
        now,
        this.#sent.add({ packetNumber, sentAt: now, size, ackEliciting, path, carried, acknowledges, repeats }),
        false,
      );
    }
    return { path, datagram };
  }
}
