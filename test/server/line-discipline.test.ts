/** What the client learns of the terminal at the other end, while real programs run there. */

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TtyState } from '../../protocol/session/shell-state.ts';
import { hashName, LineDiscipline, nextLookAt } from '../../server/line-discipline.ts';
import { TestHost } from './server-program.ts';
import { newRequest, UdpClient } from './udp-client.ts';

const LINUX = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
/** At a shell's prompt, in an editor, in a pager: what is typed goes to the program at once, and the kernel shows nothing of it. */
const RAW = { echo: false, canonical: false };
const LINES = { echo: true, canonical: true };
const SECRET = { echo: false, canonical: true };

describe('looking at the line discipline', () => {
  test('happens soon and then now and then after something was read or written, and ends', () => {
    const looks: number[] = [];
    for (let now = 1_000; now < Number.POSITIVE_INFINITY; now = nextLookAt(now, 1_000)) looks.push(now - 1_000);
    expect(looks.slice(0, 6)).toEqual([0, 4, 50, 250, 500, 750]);
    expect(looks.at(-1)).toBe(5_000);
    expect(looks).toHaveLength(23);
    expect(nextLookAt(1_251, 1_000)).toBe(1_500);
    // Already looked, a moment early.
    expect(nextLookAt(1_049, 1_000)).toBe(1_250);
  });

  test('says nothing of what is no terminal', () => {
    const fd = openSync('/dev/null', 'r');
    expect(new LineDiscipline(fd).look(0)).toBeUndefined();
    closeSync(fd);
  });

  test('gives a name the same number each time, and none the number 0', () => {
    expect(hashName(Buffer.from('foobar'))).toBe(0xbf9cf968);
    // The one of four bytes or less whose FNV-1a is 0.
    expect(hashName(Uint8Array.of(0xcc, 0x24, 0x31, 0xc4))).toBe(1);
  });
});

describe.skipIf(!LINUX)('a client', () => {
  let host: TestHost;
  let client: UdpClient;

  beforeEach(async () => {
    host = await TestHost.start();
    const asked = newRequest({ command: 'PS1="ready> " HISTFILE= exec bash --norc --noprofile -i' });
    const { answer, stderr } = await host.connect(asked.line, {});
    if (answer?.kind !== 'session') throw new Error(`no session: ${stderr}`);
    client = await UdpClient.join(answer, asked);
    await client.untilText('ready>');
  });

  afterEach(async () => {
    client.close();
    await host.stop();
  });

  function program(name: string): number {
    return hashName(Buffer.from(name));
  }

  async function untilTty(wanted: Partial<TtyState>): Promise<void> {
    await client.until(() => {
      const { tty } = client.shell.state;
      return Object.entries(wanted).every(([key, value]) => tty?.[key as keyof TtyState] === value);
    });
  }

  async function prompt(): Promise<void> {
    await untilTty({ ...RAW, program: program('bash') });
  }

  test('tells a prompt, a program that reads lines, and one that asks for a secret apart', async () => {
    await prompt();
    client.type('cat\r');
    await untilTty({ ...LINES, program: program('cat') });
    client.type('\x04');
    await prompt();
    client.type('read -s -p "Password: " secret\r');
    await untilTty({ ...SECRET, program: program('bash') });
    await client.untilText('Password:');
    client.type('hunter2\r');
    await prompt();
    expect(client.text).not.toContain('hunter2');
  });

  test('learns that the echo was turned off when nothing was printed', async () => {
    await prompt();
    client.type('sleep 0.3; stty -echo; exec sleep 1000\r');
    await untilTty({ ...LINES, program: program('sleep') });
    await untilTty({ ...SECRET, program: program('sleep') });
  });

  test('knows a program that was started in place of another', async () => {
    await prompt();
    client.type('exec cat\r');
    await untilTty({ ...LINES, program: program('cat') });
  });

  test.skipIf(missing('python3'))('sees getpass ask', async () => {
    client.type(`python3 -c 'import getpass; getpass.getpass("P" + "IN: ")'\r`);
    await client.untilText('PIN:');
    await untilTty(SECRET);
    client.type('1234\r');
    await prompt();
    expect(client.text).not.toContain('1234');
  });

  for (const [name, command, leave, comm = name] of [
    ['vim', 'vim -n -u NONE -i NONE', ':q!\r'],
    ['less', 'less /etc/passwd', 'q'],
    ['tmux', 'tmux -f /dev/null -S ./tmux new "read line"', 'line\r', 'tmux: client'],
    ['nano', 'nano -I', '\x18'],
  ] as const) {
    test.skipIf(missing(name))(`sees ${name} take over, and leave`, async () => {
      await prompt();
      client.type(`${command}\r`);
      await untilTty({ ...RAW, program: program(comm) });
      client.type(leave);
      await prompt();
    });
  }
});

function missing(name: string): boolean {
  return spawnSync('which', [name]).status !== 0;
}
