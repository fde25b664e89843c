import { describe, expect, it } from 'vitest';
import { type Circumstances, makePlan } from '../../client/plan.ts';
import { DEFAULT_SETTINGS, type SessionSettings } from '../../client/ssh/settings.ts';

function plan(settings: Partial<SessionSettings>, changes: Partial<Circumstances> = {}) {
  const all = { ...DEFAULT_SETTINGS.session, ...settings };
  return makePlan({ command: undefined, settings: all, input: true, output: true, ...changes });
}

const PIPES = { kind: 'pipes', command: 'ls', subsystem: false, notice: undefined };

describe('the way that is gone', () => {
  it('is a session for a shell on a terminal, and for a command that wants one', () => {
    expect(plan({})).toEqual({ kind: 'session', command: undefined });
    expect(plan({ tty: 'yes' }, { command: 'ls' })).toEqual({ kind: 'session', command: 'ls' });
    expect(plan({ tty: 'force', command: 'tmux' })).toEqual({ kind: 'session', command: 'tmux' });
  });

  it('is by pipes for a command, typed or configured, and where no terminal is wanted', () => {
    expect(plan({}, { command: 'ls' })).toEqual(PIPES);
    expect(plan({ command: 'ls' })).toEqual(PIPES);
    expect(plan({ tty: 'no' })).toEqual({ ...PIPES, command: undefined });
    expect(plan({ tty: 'no' }, { input: false })).toEqual({ ...PIPES, command: undefined });
    expect(plan({ type: 'subsystem', tty: 'yes' }, { command: 'sftp' })).toMatchObject({ subsystem: true });
  });

  it('is by pipes, with a word, where a terminal was wanted and there is none here', () => {
    const notice = 'Pseudo-terminal will not be allocated because stdin is not a terminal.';
    expect(plan({}, { input: false })).toEqual({ ...PIPES, command: undefined, notice });
    expect(plan({ stdinNull: true })).toEqual({ ...PIPES, command: undefined, notice });
    expect(plan({ tty: 'yes' }, { command: 'ls', input: false, output: false })).toEqual({ ...PIPES, notice });
    expect(plan({}, { output: false })).toMatchObject({ kind: 'pipes', notice: notice.replace('stdin', 'stdout') });
  });

  it('is none where the purpose could not be met', () => {
    expect(plan({ tty: 'force' }, { input: false })).toMatchObject({ why: /input is no terminal.*-tt/ });
    expect(plan({ tty: 'force' }, { output: false })).toMatchObject({ why: /output is no terminal.*-tt/ });
    expect(plan({ command: 'a' }, { command: 'b' })).toMatchObject({ why: /RemoteCommand/ });
    expect(plan({ type: 'none' })).toMatchObject({ why: /SessionType none/ });
    expect(plan({ fork: true })).toMatchObject({ why: /background/ });
    expect(plan({ type: 'subsystem' })).toMatchObject({ why: /-s needs/ });
  });
});
