/**
 * A chain of three hosts, each in a network namespace of its own that only its neighbours reach: the client's, two jumps, the last host. Each
 * has its own host key and its own user key. What is made here is removed at the end.
 */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtProgram, isBuilt } from '../../../bench/installation.ts';
import { ScreenTerminal } from '../../../bench/lab/screen-terminal.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { attempt, type Outcome, type Program } from './attempt.ts';

const MISSING =
  noSshd ??
  (process.getuid?.() !== 0 || !existsSync('/usr/sbin/ip') ? 'it takes root and iproute2' : undefined) ??
  (isBuilt('rove') && isBuilt('rove-server') ? undefined : 'node build/ensure.mjs has not run');

const PORT = 2200;
const NAMES = ['client', 'outer', 'inner', 'last'] as const;
const COMMAND = 'echo the command was here; exit 7';

/** The chain of namespaces, `10.77.LINK.1` and `.2` on each link. */
class Chain {
  readonly #mark = `rv${randomBytes(3).toString('hex')}`;

  constructor() {
    for (const [at] of NAMES.entries()) {
      ip('netns', 'add', this.#name(at));
      this.in(at, 'ip', 'link', 'set', 'lo', 'up');
    }
    for (let link = 0; link < NAMES.length - 1; link++) {
      const ends = [`${this.#mark}a${link}`, `${this.#mark}b${link}`] as const;
      ip(
        'link',
        'add',
        ends[0],
        'netns',
        this.#name(link),
        'type',
        'veth',
        'peer',
        'name',
        ends[1],
        'netns',
        this.#name(link + 1),
      );
      for (const [end, name] of ends.entries()) {
        this.in(link + end, 'ip', 'address', 'add', `10.77.${link}.${end + 1}/24`, 'dev', name);
        this.in(link + end, 'ip', 'link', 'set', name, 'up');
      }
    }
  }

  /** Hands packets on from end to end. */
  route(): void {
    for (const at of [1, 2]) this.in(at, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    this.in(0, 'ip', 'route', 'add', 'default', 'via', '10.77.0.2');
    this.in(1, 'ip', 'route', 'add', '10.77.2.0/24', 'via', '10.77.1.2');
    this.in(2, 'ip', 'route', 'add', '10.77.0.0/24', 'via', '10.77.1.1');
    this.in(3, 'ip', 'route', 'add', 'default', 'via', '10.77.2.1');
  }

  /** The words that run something in a namespace. */
  prefix(at: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(at)];
  }

  in(at: number, ...words: readonly string[]): void {
    ip('netns', 'exec', this.#name(at), ...words);
  }

  remove(): void {
    for (const [at] of NAMES.entries()) ip('netns', 'delete', this.#name(at));
  }

  #name(at: number): string {
    return `${this.#mark}-${NAMES[at]}`;
  }
}

describe.skipIf(MISSING !== undefined)(`a chain of three${MISSING ? `: skipped, ${MISSING}` : ''}`, () => {
  let chain: Chain;
  let folder: string;
  const hosts: Sshd[] = [];

  beforeAll(async () => {
    chain = new Chain();
    folder = mkdtempSync(join(tmpdir(), 'rove-chain-'));
    for (let at = 1; at < NAMES.length; at++) {
      hosts.push(await startSshd({ prefix: chain.prefix(at), address: `10.77.${at - 1}.2`, port: PORT }));
    }
  });

  afterAll(async () => {
    for (const host of hosts) await host.stop();
    chain.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A configuration that knows the three; `more` are lines for the last, `changes` replace known hosts. */
  function configuration(more: readonly string[] = [], changes: (known: string) => string = (known) => known): string {
    const file = join(folder, `config-${randomBytes(4).toString('hex')}`);
    const blocks = hosts.map((host, index) => {
      const known = `${file}-known-${index}`;
      writeFileSync(known, changes(readFileSync(host.knownHosts, 'utf8')));
      const name = NAMES[index + 1];
      const lines = readFileSync(host.configFile, 'utf8').replace('Host peer', `UserKnownHostsFile ${known}`);
      return [`Host ${name}`, ...(name === 'last' ? more : []), lines].join('\n');
    });
    writeFileSync(file, blocks.join('\n'));
    return file;
  }

  function run(
    program: Program,
    configFile: string,
    words: readonly string[],
    answers?: readonly string[],
  ): Promise<Outcome> {
    return attempt(program, { configFile, words, answers, prefix: chain.prefix(0) });
  }

  test.for<readonly [string, readonly string[], readonly string[]]>([
    ['-J', [], ['-J', 'outer,inner']],
    ['ProxyJump', ['ProxyJump outer,inner'], []],
    ['ProxyJump of a hop that has its own', ['ProxyJump inner'], ['-o', 'ConnectTimeout=5']],
    ['a program', ['ProxyCommand ssh -F CONFIG -W %h:%p -J outer inner'], []],
  ])('is gone through by %s', async ([name, lines, words]) => {
    const file = configuration(lines);
    if (name.startsWith('ProxyJump of'))
      writeFileSync(file, `Host inner\nProxyJump outer\n${readFileSync(file, 'utf8')}`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('CONFIG', file));
    const [ssh, rove] = await Promise.all(
      (['ssh', 'rove'] as const).map((one) => run(one, file, [...words, 'last', COMMAND])),
    );
    expect(ssh).toMatchObject({ status: 7, text: expect.stringContaining('the command was here') });
    expect(rove).toMatchObject({ status: 7, text: expect.stringContaining('the command was here') });
  });

  test('is not gone through where a hop is another host than it was', async () => {
    for (const program of ['ssh', 'rove'] as const) {
      const file = configuration([], (known) => known.replace(/(AAAA\S{20})\S/, (_, kept: string) => `${kept}A`));
      const { status, text } = await run(program, file, ['-J', 'outer,inner', 'last', COMMAND]);
      expect(status).toBe(255);
      expect(text).toMatch(/REMOTE HOST IDENTIFICATION HAS CHANGED|host key/i);
      expect(text).not.toContain('the command was here');
    }
  });

  test('is given up where nothing answers', async () => {
    // The outer host hands nothing on, and says nothing.
    chain.in(0, 'ip', 'route', 'add', '198.51.100.0/24', 'via', '10.77.0.2');
    const words = ['-o', 'ConnectTimeout=1', '-o', 'HostName=198.51.100.1', 'outer', COMMAND];
    const file = configuration();
    for (const { status, text } of await Promise.all([run('ssh', file, words), run('rove', file, words)])) {
      expect({ status, text }).toMatchObject({ status: 255, text: expect.stringMatching(/timed out|did not answer/) });
    }
  });

  test('asks about the keys of each hop, the outer one first', async () => {
    const asked = await Promise.all(
      (['ssh', 'rove'] as const).map((program) => {
        const file = configuration([], () => '');
        writeFileSync(
          file,
          readFileSync(file, 'utf8').replaceAll('StrictHostKeyChecking yes', 'StrictHostKeyChecking ask'),
        );
        return run(program, file, ['-J', 'outer,inner', 'last', COMMAND], ['yes', 'yes', 'yes']);
      }),
    );
    for (const { status, prompts } of asked)
      expect({ status, prompts: prompts.length }).toEqual({ status: 7, prompts: 3 });
    const [ssh, rove] = asked.map(({ text }) => text.match(/(?<=host ')\[[^']*?\]:\d+/g));
    expect(rove).toEqual(ssh);
  });

  test('that lets no UDP through is told of, and once it does the session goes on', async () => {
    const file = configuration();
    const server = `--server=${process.execPath} ${builtProgram('rove-server')}`;
    const terminal = new ScreenTerminal({
      command: [
        ...chain.prefix(0),
        process.execPath,
        builtProgram('rove'),
        '-F',
        file,
        server,
        '-J',
        'outer,inner',
        'last',
      ],
      env: { HOME: folder, XDG_CACHE_HOME: folder },
    });
    try {
      await terminal.waitFor(/no answer from UDP port \d+ of last .*went by\s+another host/s, 30_000);
      chain.route();
      terminal.type(`${COMMAND}\r`);
      expect(await terminal.exited).toBe(7);
    } finally {
      await terminal.close();
    }
  });
});

function ip(...words: readonly string[]): void {
  execFileSync('/usr/sbin/ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
