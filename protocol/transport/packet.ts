/**
 * The datagram's header (SPEC.md §3). It travels in clear and is authenticated with the frames behind it.
 *
 * ```
 *  0       1               9                15
 * +-------+---------------+----------------+---------------+---------+
 * | 01 0000 pp | connection id | packet number  | sealed frames | tag  16 |
 * +-------+---------------+----------------+---------------+---------+
 * ```
 */

import { Reader, Writer } from '../bytes.ts';
import { CONNECTION_ID_BYTES, HEADER_BYTES, HEADER_MARK, TAG_BYTES } from '../constants.ts';

export interface PacketHeader {
  /** Key phase modulo 4. */
  readonly phaseBits: number;
  /** A view of the datagram. */
  readonly connectionId: Uint8Array;
  readonly packetNumber: number;
  /** The header's own bytes, the AEAD's associated data: a view. */
  readonly bytes: Uint8Array;
  /** What the AEAD sealed, tag included: a view. */
  readonly sealed: Uint8Array;
}

const scratch = new Writer();

/** The header's 15 bytes. */
export function encodeHeader(phase: number, connectionId: Uint8Array, packetNumber: number): Uint8Array {
  scratch.clear();
  scratch.u8(HEADER_MARK | (phase & 3));
  scratch.bytes(connectionId);
  scratch.u48(packetNumber);
  return scratch.finish();
}

/** Splits a datagram; undefined when it can't be one of ours. */
export function decodeHeader(datagram: Uint8Array): PacketHeader | undefined {
  if (datagram.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const reader = new Reader(datagram);
  const first = reader.u8();
  if ((first & ~3) !== HEADER_MARK) return undefined;
  return {
    phaseBits: first & 3,
    connectionId: reader.take(CONNECTION_ID_BYTES),
    packetNumber: reader.u48(),
    bytes: datagram.subarray(0, HEADER_BYTES),
    sealed: reader.rest(),
  };
}

/** The connection id of a datagram as a key for a map (hex), without looking at the rest; undefined when it can't be one of ours. */
export function connectionKey(datagram: Uint8Array): string | undefined {
  if (datagram.length < HEADER_BYTES + TAG_BYTES) return undefined;
  return hex(datagram.subarray(1, 1 + CONNECTION_ID_BYTES));
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
