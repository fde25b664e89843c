/**
 * What a session does, for the log: changes of the path and of this machine's addresses, the round trip and the counters. It looks now and
 * then instead of being told, so that the session itself is the same with and without it.
 */

import { localAddresses } from './local-addresses.ts';
import type { Log } from './log.ts';
import type { Session } from './session.ts';

/** Between two looks, in ms. */
const LOOK_MS = 1_000;

/** Looks from now on, if anybody wants to know. `end` must be called. */
export function traceSession(session: Session, log: Log): { end(): void } {
  if (!log.wants('debug1')) return { end: () => undefined };
  let path = '';
  let addresses = '';
  let counters = '';
  const look = (): void => {
    const now = {
      path: session.core.connection.currentPath ?? 'none',
      addresses: localAddresses().replaceAll('\n', ', '),
      counters: countersOf(session),
    };
    if (now.path !== path) log.tell('debug1', `path ${now.path}`);
    if (now.addresses !== addresses) log.tell('debug1', `addresses of this machine: ${now.addresses || 'none'}`);
    if (now.counters !== counters) log.tell('debug2', now.counters);
    ({ path, addresses, counters } = now);
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return { end: () => clearInterval(timer) };
}

/** The session so far, in a line. */
export function countersOf(session: Session): string {
  const { counters, smoothedRtt } = session.core.connection;
  const drops = Object.values(counters.drops).reduce((sum, count) => sum + count, 0);
  return (
    `sent ${counters.sent} datagrams (${counters.sentBytes} bytes), received ${counters.received} (${counters.receivedBytes} bytes), ` +
    `lost ${counters.lost}, dropped ${drops}, round trip ${smoothedRtt.toFixed(1)} ms`
  );
}
