/** What a test made outside of its own folders, taken away even when the test run ends before the test did. */

import process from 'node:process';

const removals = new Set<() => void>();
process.once('exit', () => {
  for (const remove of removals) remove();
});

/** `remove`, to be called once or more: it happens once, and when this process ends at the latest. */
export function removeAtTheLatest(remove: () => void): () => void {
  const once = (): void => {
    if (removals.delete(once)) remove();
  };
  removals.add(once);
  return once;
}

/** Whether a process of this machine has that id: what one has made that has ended may go. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
