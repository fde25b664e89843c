/** Text as a state that is kept in step: the simplest with a diff that fits one base only. */

import { DecodeError, Reader, Writer } from '../../protocol/bytes.ts';
import type { SyncCodec } from '../../protocol/sync/sync-state.ts';

/**
 * The length and a checksum of the base, how much of its start stays, then the rest of the new text (Latin-1). The checksum makes a
 * diff on a wrong base an error, which screens can't always notice: so a property sees each.
 */
export const textCodec: SyncCodec<string> = {
  diff(from, to) {
    let same = 0;
    while (same < from.length && same < to.length && from[same] === to[same]) same++;
    const writer = new Writer();
    writer.varint(from.length);
    writer.u32(checksum(from));
    writer.varint(same);
    for (const character of to.slice(same)) writer.u8(character.charCodeAt(0));
    return writer.finish();
  },
  size: (text) => text.length,
  patch(base, diff) {
    const reader = new Reader(diff);
    if (reader.varint() !== base.length || reader.u32() !== checksum(base))
      throw new DecodeError('Cannot patch: wrong base');
    const same = reader.count(base.length, 'what stays');
    return base.slice(0, same) + Array.from(reader.rest(), (byte) => String.fromCharCode(byte)).join('');
  },
};

function checksum(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) >>> 0;
  return sum;
}
