/**
 * The few calls of the C library that Node lacks, through koffi. It takes 9 ms and 3 MB to load, so it is loaded with the first call,
 * and a call costs a third of a microsecond.
 */

import { createRequire } from 'node:module';

export interface Libc {
  fcntl(fd: number, command: number, type: 'int', argument: number): number;
  /** Fills `termios`, which must be long enough for the platform's. -1 for an error. */
  tcgetattr(fd: number, termios: Uint8Array): number;
  /** The foreground process group; 0 or less if there is none. */
  tcgetpgrp(fd: number): number;
}

let loaded: Libc | undefined;

/** Throws where koffi can't be loaded. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  return {
    fcntl: library.func('int fcntl(int, int, ...)'),
    tcgetattr: library.func('int tcgetattr(int, void *)'),
    tcgetpgrp: library.func('int tcgetpgrp(int)'),
  };
}
