/**
 * What packets carry. The transport knows nothing of screens and keys: it asks each content whether it has something to send,
 * gives it room in a packet, and tells it what became of what it wrote. The two ends of a session differ only in their contents.
 */

import type { Writer } from '../bytes.ts';
import type { Frame } from './frames.ts';

/** What a content put into one packet. Each of the two is called at most once, `lost` possibly before `acked`. */
export interface Carried {
  /** The packet has arrived. */
  acked(now: number): void;
  /** The packet is taken for lost: what is still worth sending is to be sent again. */
  lost(now: number): void;
}

/** The packet that a content may write into. */
export interface Room {
  readonly writer: Writer;
  /** Bytes left in the datagram. */
  readonly left: number;
  /** Nothing has been heard for a while: send again what is unacknowledged, as if new. */
  readonly probe: boolean;
}

export interface Content {
  /** When it has something to send: a moment, past if now, `Infinity` if never. May change after any call on it. */
  readonly sendAt: number;
  /** Whether it waits for an acknowledgement, so that silence has to be probed. */
  readonly pending: boolean;
  /** About how many bytes sending again what is unacknowledged would take: what is small is repeated early, and Infinity never. */
  readonly outstanding: number;
  /** What it has to send is small and somebody waits for it: not to be held back by what is in flight. */
  readonly urgent: boolean;
  /** Writes into every packet with an acknowledgement, whatever `sendAt` says, without asking for one itself. */
  readonly ridesWithAck: boolean;
  /** Appends frames of at most `room.left` bytes; undefined when there was nothing to send or no room. */
  write(now: number, room: Room): Carried | undefined;
  /** Takes a frame from the peer; false when it is not for this content. Throws `DecodeError` only. */
  receive(now: number, frame: Frame): boolean;
}
