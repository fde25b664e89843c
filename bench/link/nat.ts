/**
 * A NAT on the link, as pure code over IP packets: the client's UDP ports are replaced by others on the way to the server
 * and put back on the way home (RFC 4787's endpoint-independent mapping; the address stays). What it is for is `rebind()`:
 * like a home router that restarts, it forgets every mapping, so that the same client comes from a new port, and what is
 * still sent to the old one goes nowhere. TCP passes untouched, so that an ssh on the same link lives.
 *
 * Checksums are brought up to date by the difference alone (RFC 1624).
 */

const UDP = 17;
const IPV6_HEADER_BYTES = 40;
const FIRST_PORT = 20_000;
const LAST_PORT = 60_000;
/** More mappings than this and the oldest is forgotten. */
const MAPPINGS_MAX = 4096;

export class PortTranslator {
  readonly #outside = new Map<number, number>();
  readonly #inside = new Map<number, number>();
  #nextPort = FIRST_PORT;

  /** Forgets every mapping: the next packet of each client port gets a port never used before. */
  rebind(): void {
    this.#outside.clear();
    this.#inside.clear();
  }

  /** Rewrites, in place, a packet on its way from the client. */
  outward(packet: Uint8Array): void {
    const at = udpHeaderAt(packet);
    if (at === undefined) return;
    const port = u16(packet, at);
    let mapped = this.#outside.get(port);
    if (mapped === undefined) {
      mapped = this.#allocate();
      this.#outside.set(port, mapped);
      this.#inside.set(mapped, port);
    }
    replacePort(packet, at, at, mapped);
  }

  /** Rewrites, in place, a packet on its way to the client; false when no mapping leads there and it must be dropped. */
  inward(packet: Uint8Array): boolean {
    const at = udpHeaderAt(packet);
    if (at === undefined) return true;
    const port = this.#inside.get(u16(packet, at + 2));
    if (port === undefined) return false;
    replacePort(packet, at, at + 2, port);
    return true;
  }

  #allocate(): number {
    const port = this.#nextPort;
    this.#nextPort = port >= LAST_PORT ? FIRST_PORT : port + 1;
    const [oldest] = this.#outside.keys();
    if (this.#outside.size >= MAPPINGS_MAX && oldest !== undefined) {
      this.#inside.delete(this.#outside.get(oldest) ?? 0);
      this.#outside.delete(oldest);
    }
    return port;
  }
}

/** Where the UDP header of an IP packet starts; undefined for anything else, and for all but the first of fragments. */
export function udpHeaderAt(packet: Uint8Array): number | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) {
    const start = ((packet[0] ?? 0) & 15) * 4;
    const isLaterFragment = packet.length >= 20 && (u16(packet, 6) & 0x1fff) !== 0;
    return packet[9] === UDP && start >= 20 && !isLaterFragment && packet.length >= start + 8 ? start : undefined;
  }
  const isUdp = version === 6 && packet[6] === UDP && packet.length >= IPV6_HEADER_BYTES + 8;
  return isUdp ? IPV6_HEADER_BYTES : undefined;
}

function replacePort(packet: Uint8Array, header: number, at: number, port: number): void {
  const old = u16(packet, at);
  setU16(packet, at, port);
  const checksum = u16(packet, header + 6);
  // Zero means that there is none (RFC 768).
  if (checksum === 0) return;
  // HC' = ~(~HC + ~m + m'), folded twice, since each addition may carry.
  let sum = (~checksum & 0xffff) + (~old & 0xffff) + port;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  const updated = ~sum & 0xffff;
  setU16(packet, header + 6, updated === 0 ? 0xffff : updated);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function setU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
