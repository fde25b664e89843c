/**
 * A session that nobody uses: what it sends all the same wakes radios and empties batteries.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Traffic } from '../measure/result.ts';
import type { Act } from './act.ts';
import { clearPrompt } from './prompt.ts';

/** The session is idle when nothing was typed or shown for so long: within the first minute shells may still expect more. */
const QUIET_SECONDS = 65;
const IDLE_SECONDS = 60;
const MINUTE_MS = 60_000;

/** Watches the link for so many seconds, after others in which nothing happens. */
export function idleAct(seconds = IDLE_SECONDS, quietSeconds = QUIET_SECONDS): Act {
  return {
    name: 'idle',
    title: `${seconds} seconds of a session that has been idle for a minute`,
    files: {},
    programs: [],
    needsNetwork: true,
    endsSessions: false,
    async play({ terminal, network }) {
      if (network === undefined) throw new Error('there is no network here whose packets could be counted');
      await clearPrompt(terminal);
      await sleep(quietSeconds * 1000);
      const startedAt = performance.now();
      const before = await network.traffic();
      await sleep(seconds * 1000);
      const after = await network.traffic();
      const minutes = (performance.now() - startedAt) / MINUTE_MS;
      return {
        idlePacketsPerMinute: (packets(after) - packets(before)) / minutes,
        idleBytesPerMinute: (bytes(after) - bytes(before)) / minutes,
      };
    },
  };
}

function packets({ upPackets, downPackets }: Traffic): number {
  return upPackets + downPackets;
}

function bytes({ upBytes, downBytes }: Traffic): number {
  return upBytes + downBytes;
}
