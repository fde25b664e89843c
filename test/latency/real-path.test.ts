/** A real path, played by an sshd of our own on loopback: nothing of the lab's namespaces is known to it. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customShell, SSH } from '../../bench/lab/shells.ts';
import { type Sshd, sshdMissing, startSshd } from '../../bench/lab/sshd.ts';
import { RealPath } from '../../bench/latency/real-path.ts';

const PORT = 20_000 + (process.pid % 20_000);
const MISSING = sshdMissing() ?? (process.getuid?.() === 0 ? undefined : 'an sshd of our own needs root');
const title = MISSING === undefined ? 'a real path' : `a real path (skipped: ${MISSING})`;

describe.skipIf(MISSING !== undefined)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rove-real-path-'));
  const config = join(folder, 'config');
  let sshd: Sshd | undefined;

  beforeAll(async () => {
    // A home with a prompt of its user's own, and a temporary folder in which nobody else leaves anything.
    const home = join(folder, 'home');
    for (const name of ['home', 'tmp', 'sshd']) mkdirSync(join(folder, name), { mode: 0o700 });
    writeFileSync(join(home, '.bash_profile'), "PS1='\\[\\e[32m\\]me:\\w>\\[\\e[0m\\] '\necho Welcome\n");
    const environment = { HOME: home, TMPDIR: join(folder, 'tmp') };
    sshd = await startSshd({ folder: join(folder, 'sshd'), port: PORT, listen: ['127.0.0.1'], environment });
    const lines = ['Host path', '  HostName 127.0.0.1', `  Port ${PORT}`, '  User root'];
    const keys = [`  IdentityFile ${sshd.userKeyFile}`, '  IdentitiesOnly yes', '  StrictHostKeyChecking no'];
    writeFileSync(config, `${[...lines, ...keys, '  UserKnownHostsFile /dev/null', '  LogLevel ERROR'].join('\n')}\n`);
  });
  afterAll(async () => {
    await sshd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (host = 'path'): RealPath => RealPath.open({ host, user: undefined, port: undefined }, config);

  test("brings a session from its user's prompt to the lab's, and leaves nothing over there", async () => {
    const path = open();
    try {
      await path.putFiles({ "it's.txt": 'one\ntwo', 'more/empty.txt': '' });
      const usage = path.usage();
      const session = await path.open(SSH);
      session.terminal.type('clear; ls -R; tail -c 3 it*; echo; echo END\r');
      await session.terminal.waitFor(/^END/m, 10_000);
      expect(session.terminal.screenText()).toMatch(/^.?it's\.txt.? +more\n\n\.\/more:\nempty\.txt\ntwo\nEND$/m);
      expect(readdirSync(join(folder, 'tmp'))).toHaveLength(1);
      await session.close();
      const { client, server } = await usage();
      expect(client?.peakMemoryBytes).toBeGreaterThan(1e6);
      expect(server).toBeUndefined();
      const reference = await path.reference();
      reference.terminal.type('echo same\r');
      await reference.terminal.waitFor(/^same$/m);
      expect([await path.has('ls'), await path.has('no-such-program')]).toEqual([true, false]);
    } finally {
      await path.close();
    }
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  test('says in one line why ssh does not get in, or a shell does not', async () => {
    expect(() => open('127.0.0.1:1')).toThrow(/^ssh 127\.0\.0\.1:1 does not get in without asking: [^\n]+$/);
    const path = open();
    try {
      const failure = await path
        .open(customShell('odd', 'echo sorry; exit 4'))
        .catch((error: unknown) => String(error));
      expect(failure).toMatch(/^Error: odd showed no prompt: its client ended with 4; its screen ends with: sorry$/);
    } finally {
      await path.close();
    }
  });
});
