/**
 * What must not be left behind, whichever way this process ends: in order, by an exception, by a signal. Only SIGKILL leaves
 * something, which the next run sweeps away where it can.
 */

import process from 'node:process';

const tasks = new Set<() => void>();
let isArmed = false;
let interrupts = (): boolean => false;

/** Has `task` (synchronous, and safe to call twice) done when the process ends. The answer takes that back. */
export function onTheWayOut(task: () => void): () => void {
  arm();
  tasks.add(task);
  return () => {
    tasks.delete(task);
  };
}

/**
 * Asks `listener` first when the user interrupts (SIGINT): while it answers true, nothing is cleared away and the process goes on,
 * to end by itself.
 */
export function onInterrupt(listener: () => boolean): void {
  interrupts = listener;
  arm();
}

function arm(): void {
  if (isArmed) return;
  isArmed = true;
  process.once('exit', runAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const onSignal = (): void => {
      if (signal === 'SIGINT' && interrupts()) return;
      runAll();
      process.removeListener(signal, onSignal);
      // Nobody else minds it, so it does what it does by default.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
}

function runAll(): void {
  // The newest first: what was built on something goes before it.
  for (const task of [...tasks].reverse()) {
    tasks.delete(task);
    try {
      task();
    } catch {
      // The others still have to be done, and nobody is left to be told.
    }
  }
}
