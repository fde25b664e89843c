/**
 * The link's own process, so that the measuring one cannot delay packets, nor the packets it. control.ts says
 * how to talk to it. It ends when its standard input does, and the devices go with it: whoever
 * started it cannot leave it behind.
 */

import { writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import process from 'node:process';
import type { Answer } from './control.ts';
import { runLink } from './loop.ts';
import { loadSystemCalls } from './tun.ts';

/** Ahead of the programs that are measured: a link is not slow because the machine is busy. */
const PRIORITY = -15;

function answer(line: Answer): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

try {
  setPriority(PRIORITY);
} catch {
  // Without the right to, it is only less exact.
}
try {
  runLink(await loadSystemCalls(), 0, answer);
} catch (error) {
  answer({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
