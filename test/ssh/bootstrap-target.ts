/** The bootstrap as the program does it, from what the user typed: the configuration, and a log that goes to the prompter. */

import { type Bootstrapped, bootstrap } from '../../client/bootstrap/bootstrap.ts';
import type { RequestLine } from '../../client/bootstrap/request-line.ts';
import { Log } from '../../client/log.ts';
import { resolveSettings } from '../../client/ssh/config/resolve.ts';
import type { Prompter } from '../../client/ssh/prompter.ts';
import type { RemoteTarget } from '../../client/ssh/target.ts';

/** Starts a session on `target`. Throws `UserError`. */
export async function bootstrapTarget(
  target: RemoteTarget,
  request: RequestLine,
  prompter: Prompter,
): Promise<Bootstrapped> {
  const settings = await resolveSettings(target);
  const log = new Log(settings.logLevel, (line) => prompter.tell(line));
  return await bootstrap({ target, settings, request, prompter, log });
}

/** A target with nothing said but what `changes` says. */
export function targetWith(changes: Partial<RemoteTarget>): RemoteTarget {
  return {
    host: 'peer',
    configFile: undefined,
    directives: [],
    install: 'never',
    ssh: undefined,
    server: 'rove-server',
    ...changes,
  };
}
