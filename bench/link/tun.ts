/**
 * The system calls that the link needs and Node lacks, through koffi: opening a TUN device (a network card whose other end
 * is this process, one IP packet a read and one a write; linux/if_tun.h), waiting for several descriptors until an exact
 * moment (ppoll), reading and writing without blocking. Linux, 64 bit.
 */

import { closeSync, constants, openSync } from 'node:fs';

/** A descriptor for a TUN device. It lives as long as this process holds it, in whatever namespace the device is put. */
export interface Tun {
  readonly fd: number;
  readonly name: string;
}

/** What `SystemCalls.wait` found. */
export interface Readiness {
  /** For each descriptor, in the order given: there is something to read, or its end has come. */
  readonly readable: readonly boolean[];
}

export interface SystemCalls {
  openTun(name: string): Tun;
  closeTun(tun: Tun): void;
  /** Sleeps until one of the descriptors has something or `waitMs` have passed; for ever on Infinity. */
  wait(fds: readonly number[], waitMs: number): Readiness;
  /** Bytes read into `into`, 0 at the end, -1 when there is nothing now. */
  read(fd: number, into: Uint8Array): number;
  /** Bytes written, -1 when it was not taken. */
  write(fd: number, bytes: Uint8Array, length: number): number;
}

const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
/** struct ifreq: a name of 16 bytes, then the flags; 40 bytes in all. */
const IFREQ_BYTES = 40;
const NAME_BYTES_MAX = 15;
const POLLFD_BYTES = 8;
const POLLIN = 1;
const PR_SET_TIMERSLACK = 29;

/** Loads koffi, binds the calls, and asks the kernel for timers without slack (it groups them by 50 µs otherwise). */
export async function loadSystemCalls(): Promise<SystemCalls> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  const ppoll = libc.func('int ppoll(void *fds, unsigned long count, void *timeout, void *mask)');
  const read = libc.func('long read(int fd, void *into, unsigned long size)');
  const write = libc.func('long write(int fd, void *from, unsigned long size)');
  const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  const timeout = new BigInt64Array(2);

  return {
    openTun(name) {
      if (name.length > NAME_BYTES_MAX) throw new RangeError(`a network device's name has at most 15 letters: ${name}`);
      const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
      const request = new Uint8Array(IFREQ_BYTES);
      new TextEncoder().encodeInto(name, request);
      new DataView(request.buffer).setUint16(16, IFF_TUN | IFF_NO_PI, true);
      if (ioctl(fd, TUNSETIFF, request) !== 0) {
        closeSync(fd);
        throw new Error(`the kernel gives no TUN device ${name}: that needs root (CAP_NET_ADMIN) and a free name`);
      }
      return { fd, name };
    },
    closeTun: (tun) => closeSync(tun.fd),
    wait(fds, waitMs) {
      const polled = new DataView(new ArrayBuffer(fds.length * POLLFD_BYTES));
      for (const [index, fd] of fds.entries()) {
        polled.setInt32(index * POLLFD_BYTES, fd, true);
        polled.setInt16(index * POLLFD_BYTES + 4, POLLIN, true);
      }
      const nanoseconds = Number.isFinite(waitMs) ? Math.max(0, Math.round(waitMs * 1e6)) : 0;
      timeout[0] = BigInt(Math.floor(nanoseconds / 1e9));
      timeout[1] = BigInt(nanoseconds % 1e9);
      const count = ppoll(polled, fds.length, Number.isFinite(waitMs) ? timeout : null, null);
      return { readable: fds.map((_, index) => count > 0 && polled.getInt16(index * POLLFD_BYTES + 6, true) !== 0) };
    },
    read: (fd, into) => Number(read(fd, into, into.length)),
    write: (fd, bytes, length) => Number(write(fd, bytes, length)),
  };
}
