/** The link's NAT on packets as the wire has them, with their checksums computed from scratch beside it. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PortTranslator } from '../../bench/link/nat.ts';

function udpPacket(version: 4 | 6, source: number, destination: number, payload: Uint8Array): Uint8Array {
  const header = version === 4 ? 20 : 40;
  const packet = new Uint8Array(header + 8 + payload.length);
  const view = new DataView(packet.buffer);
  packet[0] = version === 4 ? 0x45 : 0x60;
  if (version === 4) {
    view.setUint16(2, packet.length);
    packet[9] = 17;
    packet.set([10, 9, 0, 2, 10, 9, 0, 1], 12);
  } else {
    view.setUint16(4, packet.length - 40);
    packet[6] = 17;
    for (let at = 8; at < 40; at++) packet[at] = at * 7;
  }
  view.setUint16(header, source);
  view.setUint16(header + 2, destination);
  view.setUint16(header + 4, 8 + payload.length);
  packet.set(payload, header + 8);
  view.setUint16(header + 6, udpChecksum(packet));
  return packet;
}

/** RFC 768 over the pseudo-header, with the checksum field taken as zero. */
function udpChecksum(packet: Uint8Array): number {
  const version = (packet[0] ?? 0) >> 4;
  const header = version === 4 ? 20 : 40;
  const addresses = version === 4 ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const udp = packet.slice(header);
  udp[6] = 0;
  udp[7] = 0;
  let sum = 17 + udp.length;
  for (const bytes of [addresses, udp]) {
    for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const checksum = ~sum & 0xffff;
  return checksum === 0 ? 0xffff : checksum;
}

function ports(packet: Uint8Array): { source: number; destination: number; checksum: number } {
  const header = (packet[0] ?? 0) >> 4 === 4 ? 20 : 40;
  const view = new DataView(packet.buffer);
  return {
    source: view.getUint16(header),
    destination: view.getUint16(header + 2),
    checksum: view.getUint16(header + 6),
  };
}

const HELLO = new TextEncoder().encode('hello');

test.each([4, 6] as const)('IPv%i: a port is replaced on the way out and put back on the way home', (version) => {
  const nat = new PortTranslator();
  const out = udpPacket(version, 5353, 60001, HELLO);
  nat.outward(out);
  const { source } = ports(out);
  expect(source).not.toBe(5353);
  const home = udpPacket(version, 60001, source, HELLO);
  expect(nat.inward(home)).toBe(true);
  expect(ports(home)).toMatchObject({ source: 60001, destination: 5353 });
});

test('the same port keeps its mapping, another gets another', () => {
  const nat = new PortTranslator();
  const mapped = [5353, 5353, 5354].map((port) => {
    const packet = udpPacket(4, port, 60001, HELLO);
    nat.outward(packet);
    return ports(packet).source;
  });
  expect(mapped[0]).toBe(mapped[1]);
  expect(mapped[2]).not.toBe(mapped[0]);
});

test('after a rebind the client comes from a new port, and the old one leads nowhere', () => {
  const nat = new PortTranslator();
  const before = udpPacket(4, 5353, 60001, HELLO);
  nat.outward(before);
  nat.rebind();
  const after = udpPacket(4, 5353, 60001, HELLO);
  nat.outward(after);
  expect(ports(after).source).not.toBe(ports(before).source);
  expect(nat.inward(udpPacket(4, 60001, ports(before).source, HELLO))).toBe(false);
  expect(nat.inward(udpPacket(4, 60001, ports(after).source, HELLO))).toBe(true);
});

test('the checksum stays right for any ports and contents', () => {
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(
      fc.constantFrom(4 as const, 6 as const),
      port,
      port,
      fc.uint8Array({ maxLength: 64 }),
      (version, from, to, payload) => {
        const nat = new PortTranslator();
        const packet = udpPacket(version, from, to, payload);
        nat.outward(packet);
        expect(ports(packet).checksum).toBe(udpChecksum(packet));
      },
    ),
  );
});

test('an absent checksum stays absent', () => {
  const packet = udpPacket(4, 5353, 60001, HELLO);
  packet[26] = 0;
  packet[27] = 0;
  new PortTranslator().outward(packet);
  expect(ports(packet).checksum).toBe(0);
});

test('TCP, later fragments and stubs pass as they are', () => {
  const tcp = udpPacket(4, 22, 4000, HELLO);
  tcp[9] = 6;
  const fragment = udpPacket(4, 22, 4000, HELLO);
  fragment[7] = 1;
  for (const packet of [tcp, fragment, new Uint8Array(0), new Uint8Array([0x45]), new Uint8Array([0x60, 0, 0])]) {
    const before = packet.slice();
    const nat = new PortTranslator();
    nat.outward(packet);
    expect(packet).toEqual(before);
    expect(nat.inward(packet)).toBe(true);
  }
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const nat = new PortTranslator();
      nat.outward(bytes);
      nat.inward(bytes);
    }),
  );
});
