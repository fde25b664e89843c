/**
 * What the kernel does with what is typed on a pty, and who reads it: seen from the master, with which Linux lets one ask for the
 * slave's modes and foreground group (tty_ioctl.c, tty_jobctrl.c). The kernel tells nobody when they change, so one has to look: 15 µs
 * in a process that has just woken, and 95 µs for the program's name, which is therefore read less often.
 */

import { readFileSync } from 'node:fs';
import type { TtyState } from '../protocol/session/shell-state.ts';
import { type Libc, libc } from './libc.ts';

/** Where struct termios has its local modes on Linux, after those of input, output and control; the same in glibc and musl. */
const C_LFLAG = 12;
/** Longer than any libc's struct termios; glibc's has 60 bytes. */
const TERMIOS_BYTES = 256;
/** asm-generic/termbits.h, which these have. */
const ARCHITECTURES = ['x64', 'arm64'];
const ICANON = 0o2;
const ECHO = 0o10;

/** Looks after the last input or output, in ms: a program prints its prompt and then sets the modes, or sets them first and is silent. */
const LOOKS_MS = [4, 50];
/** A look so little before its time, in ms, is as good: the session often has something else to do then, and need not wake twice. */
const EARLY_MS = 2;
/** Then as often as this … */
const LOOK_INTERVAL_MS = 250;
/** … for so long: a terminal where nothing happens costs nothing. */
const LOOKING_MS = 5_000;

/** A group's name is read again after so many ms, in case it runs another program in place of the first … */
const NAME_MS = 240;
/** … and with each look while the group is as young as this: it is there before its program is. */
const YOUNG_MS = 100;

/** When to look next at a terminal on which something was read or written at `stirredAt`; Infinity if that is long ago. */
export function nextLookAt(now: number, stirredAt: number): number {
  const passed = now - stirredAt + EARLY_MS;
  const soon = LOOKS_MS.find((ms) => ms > passed);
  if (soon !== undefined) return stirredAt + soon;
  const next = (Math.floor(passed / LOOK_INTERVAL_MS) + 1) * LOOK_INTERVAL_MS;
  return next <= LOOKING_MS ? stirredAt + next : Number.POSITIVE_INFINITY;
}

export class LineDiscipline {
  readonly #master: number;
  #libc: Libc | 'unavailable' | undefined;
  readonly #termios = new Uint8Array(TERMIOS_BYTES);
  readonly #modes = new DataView(this.#termios.buffer);
  #group = 0;
  #groupSince = 0;
  #program = 0;
  #programAt = 0;

  /** Of the pty with this master descriptor, as long as that is open. */
  constructor(master: number) {
    this.#master = master;
  }

  /** Asks the kernel; undefined on systems where that is not known to work. */
  look(now: number): TtyState | undefined {
    this.#libc ??= available();
    if (this.#libc === 'unavailable' || this.#libc.tcgetattr(this.#master, this.#termios) !== 0) return undefined;
    const modes = this.#modes.getUint32(C_LFLAG, true);
    this.#lookWho(now, this.#libc.tcgetpgrp(this.#master));
    return { echo: (modes & ECHO) !== 0, canonical: (modes & ICANON) !== 0, program: this.#program };
  }

  /** A group is called by the program of its leader; when that has gone before the others, the name stays. */
  #lookWho(now: number, group: number): void {
    if (group !== this.#group) {
      this.#group = group;
      this.#groupSince = now;
      this.#program = 0;
    } else if (now - this.#programAt < NAME_MS && now - this.#groupSince > YOUNG_MS) return;
    this.#programAt = now;
    if (group <= 0) return;
    try {
      // Without the line's end.
      this.#program = hashName(readFileSync(`/proc/${group}/comm`).subarray(0, -1));
    } catch {
      // The leader has gone, or /proc does not show it.
    }
  }
}

/** FNV-1a of 32 bits, but never 0. */
export function hashName(name: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of name) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0 || 1;
}

function available(): Libc | 'unavailable' {
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) return 'unavailable';
  try {
    return libc();
  } catch {
    return 'unavailable';
  }
}
