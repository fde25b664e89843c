/** From the command line to the one or the other way: what holds for the host is found out, the log begun, and what the user misses told. */

import { isatty } from 'node:tty';
import { FAILED, tellFailure } from './failure.ts';
import { type OpenLog, openLog } from './log.ts';
import type { Options } from './options.ts';
import { makePlan } from './plan.ts';
import { runRemoteCommand } from './remote-command.ts';
import { resolveSettings } from './ssh/config/resolve.ts';
import type { Settings } from './ssh/settings.ts';
import { TerminalPrompter } from './ssh/terminal-prompter.ts';

/** What is to be done. */
export type SessionRequest = Extract<Options, { readonly kind: 'session' }>;

/** Does it and gives the exit status. Throws `UserError` for what is wrong before there is a log to tell it. */
export async function start(request: SessionRequest): Promise<number> {
  const { target, session: wishes } = request;
  const prompter = new TerminalPrompter();
  const settings = target && (await resolveSettings(target));
  const level = request.log.level ?? settings?.logLevel ?? 'info';
  const open = openLog(level, request.log.file, (line) => prompter.tell(line));
  const { log } = open;
  try {
    for (const note of request.notes) log.tell('info', `rove: ${note}`);
    if (target === undefined || settings === undefined) {
      const { runShell } = await import('./shell.ts');
      return await runShell({ place: undefined, command: wishes.command, wishes, prompter, log: open });
    }
    tellSettings(open, settings);
    const plan = makePlan({
      command: wishes.command,
      settings: settings.session,
      input: isatty(STDIN),
      output: isatty(STDOUT),
    });
    switch (plan.kind) {
      case 'refused':
        log.tell('fatal', `rove: ${plan.why}`);
        return FAILED;
      case 'session': {
        const { runShell } = await import('./shell.ts');
        return await runShell({ place: { target, settings }, command: plan.command, wishes, prompter, log: open });
      }
      case 'pipes':
        endByFaults(open);
        if (plan.notice !== undefined) log.tell('info', plan.notice);
        return await runRemoteCommand({ ...plan, target, settings, prompter, log });
    }
  } catch (error) {
    tellFailure(log, error);
    return FAILED;
  }
}

const STDIN = 0;
const STDOUT = 1;

/** A fault that nobody catches is told and has a status as all other failures have. */
function endByFaults({ log }: OpenLog): void {
  const end = (error: unknown): void => {
    tellFailure(log, error);
    process.exit(FAILED);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function tellSettings({ log }: OpenLog, settings: Settings): void {
  const { label, host, port, user, leftAside, session } = settings;
  log.tell('debug1', `${label} is ${host} port ${port}, as ${user}`);
  if (leftAside.length > 0) log.tell('verbose', `left aside of the configuration: ${leftAside.join(', ')}`);
  if (session.forwardAgent) {
    log.tell('info', 'rove: the agent is not forwarded yet (-A, ForwardAgent): the session is without it');
  }
}
