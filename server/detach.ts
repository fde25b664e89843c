/** How `rove-server connect` becomes the daemon: it lets go of whoever started it. */

import { closeSync, openSync } from 'node:fs';
import { openLog } from './log.ts';

/**
 * SSH sees the end of the output, the working directory is no longer in use, and what is said from now on goes to the log. The
 * process stays the one that was started: Node can't fork, and another start of it would cost the user a tenth of a second.
 */
export function detach(logPath: string): void {
  process.on('SIGHUP', () => {});
  for (const fd of [0, 1, 2]) closeSync(fd);
  // The lowest free number is taken each time: 0, 1, 2.
  openSync('/dev/null', 'r');
  openSync('/dev/null', 'w');
  openLog(logPath);
  process.chdir('/');
}
