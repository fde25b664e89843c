/**
 * A host without rove-server gets it over its ssh connection, and its sessions run: the whole way, with a real sshd, a home of its own and
 * the server that this installation has built.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isBuilt } from '../../../bench/installation.ts';
import { COMMON_LAUNCHER, INSTALLED_FOLDER, LAUNCHER } from '../../../client/install/remote-words.ts';
import { NobodyToAsk } from '../../../client/ssh/prompter.ts';
import type { RemoteTarget } from '../../../client/ssh/target.ts';
import { UserError } from '../../../client/user-error.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { newRequest, UdpClient } from '../../server/udp-client.ts';
import { bootstrapTarget as bootstrap, targetWith } from '../../ssh/bootstrap-target.ts';
import { ScriptedPrompter } from '../../ssh/scripted-prompter.ts';

const MISSING = noSshd ?? (isBuilt('rove-server') ? undefined : 'node build/ensure.mjs has not run');

let folder: string;
let home: string;
let sshd: Sshd;
/** Programs that the host has. */
let bin: string;

function target(changes: Partial<RemoteTarget> = {}): RemoteTarget {
  return targetWith({ configFile: sshd.configFile, install: 'ask', ...changes });
}

/** Starts a session whose shell runs `command`, and comes to it. */
async function start(to: RemoteTarget, prompter: ScriptedPrompter, command = 'exec cat') {
  const asked = newRequest({ command });
  const started = await bootstrap(to, asked.line, prompter);
  return { started, client: await UdpClient.join(started.answer, asked) };
}

/** Ends the session's program. */
async function leave({ client }: { client: UdpClient }): Promise<void> {
  client.type('\u0004');
  await client.end();
  client.close();
}

async function failure(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => new Error('it came about'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error;
  expect(error.message).not.toContain('\n');
  return error.message;
}

/** A user whom nothing can be asked. */
class Absent extends ScriptedPrompter {
  override ask(question: string): Promise<string> {
    this.questions.push(question);
    return Promise.reject(new NobodyToAsk('there is no terminal'));
  }
}

describe.skipIf(MISSING !== undefined)(`a host without rove-server${MISSING ? ` (skipped: ${MISSING})` : ''}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rove-host-'));
    bin = mkdtempSync(join(folder, 'bin-'));
    home = mkdtempSync(join(folder, 'home-'));
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    sshd = await startSshd({ home, path: bin });
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    for (const kept of [home, bin]) {
      for (const name of readdirSync(kept)) rmSync(join(kept, name), { recursive: true, force: true });
    }
    rmSync(join(folder, 'cache'), { recursive: true, force: true });
  });

  afterEach(() => {
    const launcher = join(home, INSTALLED_FOLDER, LAUNCHER);
    if (!existsSync(launcher)) return;
    const run = (...args: string[]) => spawnSync(launcher, args, { env: { HOME: home }, encoding: 'utf8' }).stdout;
    for (const [, id = ''] of run('list').matchAll(/^([0-9a-f]{8}) /gm)) run('kill', id);
  });

  it('gets it when the user says yes, over the same connection, and is never asked again', async () => {
    const prompter = new ScriptedPrompter('perhaps', '');
    const first = await start(target(), prompter);
    expect(prompter.questions).toHaveLength(2);
    expect(prompter.questions[0]).toMatch(
      /^rove-server is not installed on peer\. Put it under ~\/\.local there \(no root, 0\.\d MB\)\? \[Y\/n\] $/,
    );
    await expect.poll(() => sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
    first.client.type('here\n');
    await first.client.untilText('here\nhere');
    await leave(first);
    const again = new ScriptedPrompter();
    await leave(await start(target(), again));
    expect(again.questions).toEqual([]);
    expect(existsSync(join(home, COMMON_LAUNCHER))).toBe(true);
  });

  it('gets it unasked with --install, whatever its login shell prints', async () => {
    writeFileSync(join(home, '.bashrc'), 'echo "Welcome! ROVE-REPORT 7b"; echo noise >&2; printf "ROVE-ANSWER 1 7b"\n');
    const prompter = new ScriptedPrompter();
    await leave(await start(target({ install: 'always' }), prompter));
    expect(prompter.told.join('\n')).toMatch(/sending rove-server to peer \(0\.\d MB\)\n.*installed on peer, in /);
  });

  it('gets it by way of the system’s ssh, too', async () => {
    const prompter = new ScriptedPrompter('y');
    await leave(await start(target({ ssh: 'ssh' }), prompter));
    expect(prompter.questions).toHaveLength(1);
    await leave(await start(target({ ssh: 'ssh' }), new ScriptedPrompter()));
  });

  it('does not get it otherwise, and the user learns how', async () => {
    const hint = /rove-server is not installed on peer .*--install, .*--server=PATH/;
    expect(await failure(start(target(), new ScriptedPrompter('no')))).toMatch(hint);
    expect(await failure(start(target({ install: 'never' }), new ScriptedPrompter()))).toMatch(hint);
    const absent = new Absent();
    expect(await failure(start(target(), absent))).toMatch(hint);
    expect(absent.questions).toHaveLength(1);
    expect(await failure(start(target(), new ScriptedPrompter()))).toBe('interrupted');
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  it('is not asked about when the user has named another server', async () => {
    const prompter = new ScriptedPrompter('yes');
    expect(await failure(start(target({ server: '/opt/rove-server' }), prompter))).toMatch(/does not find \/opt/);
    expect(prompter.questions).toEqual([]);
  });

  it('of another version of the protocol gets this one beside it', async () => {
    writeFileSync(join(bin, 'rove-server'), "#!/bin/sh\nprintf '\\nROVE-ANSWER 2 7b7d .\\n'\n", { mode: 0o755 });
    const refused = await failure(start(target({ install: 'never' }), new ScriptedPrompter()));
    expect(refused).toMatch(/server speaks version 2 .*update rove on this machine, or put this version there, too/);
    const prompter = new ScriptedPrompter('y');
    await leave(await start(target(), prompter));
    expect(prompter.questions[0]).toContain('rove-server on peer speaks a newer version of the protocol. Put it');
    await leave(await start(target(), new ScriptedPrompter()));
  });

  it('without Node is told in one line what it needs', async () => {
    // Before the real one on the PATH, and there is no other.
    for (const name of ['node', 'nodejs']) {
      writeFileSync(join(bin, name), '#!/bin/sh\n[ "$1" = --version ] && echo v16.20.0\nexit 1\n', { mode: 0o755 });
    }
    const said = await failure(start(target({ install: 'always' }), new ScriptedPrompter()));
    expect(said).toMatch(
      /not installed on peer, and the Node there is too old \(v16\.20\.0\): install Node 20\.19 or newer/,
    );
  });

  it('runs two sessions apart also where this machine has no library for calls of libc', async () => {
    await leave(await start(target({ install: 'always' }), new ScriptedPrompter()));
    const [name = ''] = readdirSync(join(home, INSTALLED_FOLDER)).filter((entry) => entry !== LAUNCHER);
    rmSync(join(home, INSTALLED_FOLDER, name, 'node_modules', 'koffi'), { recursive: true });
    const first = await start(target(), new ScriptedPrompter());
    const second = await start(target(), new ScriptedPrompter(), 'echo "pid $$"; exec cat');
    await second.client.until(() => /pid \d+\n/.test(second.client.text));
    const pid = /pid (\d+)/.exec(second.client.text)?.[1];
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(files.filter((file) => /ptmx/.test(file))).toEqual([]);
    expect(files.filter((file) => /\/dev\/pts\//.test(file)).length).toBeGreaterThanOrEqual(3);
    for (const session of [first, second]) {
      expect(session.client.shell.state.tty).toBeUndefined();
      await leave(session);
    }
  });
});
