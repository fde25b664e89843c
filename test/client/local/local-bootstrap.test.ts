import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectConfig, ParsedKey } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKeyPair } from '../../../client/local/key-pair.ts';
import { bootstrapLocal } from '../../../client/local/local-bootstrap.ts';
import { type LocalServer, startLocalServer } from '../../../client/local/local-server.ts';
import { Log } from '../../../client/log.ts';
import { loadSsh2, type Ssh2 } from '../../../client/ssh/ssh2-library.ts';
import { encodeAnswer } from '../../../protocol/bootstrap/answer.ts';
import { CANNED_ANSWER } from '../../peers/stand-in-server.ts';
import { ScriptedPrompter } from '../../ssh/scripted-prompter.ts';

const REQUEST = `rove-request 1 ${'5a'.repeat(2500)}\n`;

let ssh2: Ssh2;
let directory: string;

beforeAll(async () => {
  ssh2 = await loadSsh2();
  directory = mkdtempSync(join(tmpdir(), 'rove-local-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A server program for Node, with `body` for its text. */
function program(name: string, body: string): string {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, body);
  return file;
}

describe('the bootstrap on this machine', () => {
  it('goes the whole path and leaves the program running', async () => {
    const file = program(
      'server',
      `import { writeFileSync } from 'node:fs';
      let request = '';
      process.stdin.on('data', (bytes) => {
        request += bytes;
        if (!request.endsWith('\\n')) return;
        process.stdout.write(${JSON.stringify(encodeAnswer(CANNED_ANSWER))});
      });
      process.stdin.on('end', () => {
        const { argv, env } = process;
        writeFileSync('${directory}/late', JSON.stringify({ request, words: argv.slice(2), tty: env.SSH_TTY ?? null, cwd: process.cwd(), home: env.HOME }));
      });`,
    );
    process.env.SSH_TTY = '/dev/pts/9';
    const { answer, addresses } = await bootstrapLocal(
      () => REQUEST,
      new ScriptedPrompter(),
      new Log('quiet', () => undefined),
      file,
    );
    delete process.env.SSH_TTY;
    expect(answer).toEqual(CANNED_ANSWER);
    expect(addresses).toEqual(['127.0.0.1', ...CANNED_ANSWER.addresses]);
    // Written after the connection was gone.
    await expect.poll(() => existsSync(join(directory, 'late')), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => readFileSync(join(directory, 'late'), 'utf8')).not.toBe('');
    const late: unknown = JSON.parse(readFileSync(join(directory, 'late'), 'utf8'));
    expect(late).toMatchObject({ request: REQUEST, words: ['connect'], tty: null });
    expect(late).toHaveProperty('cwd', process.env.HOME);
  });

  it('says why the program failed, even if it did before it was asked', async () => {
    const file = program('failing', "process.stderr.write('the disk is full\\n', () => process.exit(3));");
    await expect(
      bootstrapLocal(REQUEST, new ScriptedPrompter(), new Log('quiet', () => undefined), file),
    ).rejects.toThrow('rove-server on this machine failed with status 3. It said: the disk is full');
  });
});

describe('the ssh server on loopback', () => {
  let server: LocalServer;
  const stranger = (): ParsedKey => {
    const key = ssh2.utils.parseKey(makeKeyPair(ssh2).private);
    if (key instanceof Error) throw key;
    return key;
  };

  /** What comes of running `command` with `key`: its output, or how the attempt failed. */
  function attempt(command: string, user: string, key: ParsedKey): Promise<string> {
    return new Promise((resolve) => {
      const client = new ssh2.Client();
      const settle = (outcome: string): void => {
        client.destroy();
        resolve(outcome);
      };
      client.on('error', (error) => settle(error.message));
      client.on('ready', () => {
        client.exec(command, (error, channel) => {
          if (error) return settle(error.message);
          let output = '';
          channel.on('data', (bytes: Buffer) => {
            output += bytes.toString();
          });
          channel.on('close', (code: number) => settle(`${output}${code}`));
        });
      });
      const config: ConnectConfig = {
        host: '127.0.0.1',
        port: server.port,
        username: user,
        hostVerifier: (offered: Buffer) => offered.equals(server.hostKey),
        authHandler: (left, _partial, next) => {
          if (left === null) next({ type: 'publickey', username: user, key });
          else settle('refused');
        },
      };
      client.connect(config);
    });
  }

  it('lets in its one key under its one name, for its one command, once', async () => {
    const file = program('once', "process.stdout.write('hello '); process.exitCode = 7;");
    server = await startLocalServer(ssh2, 'the command', [process.execPath, file]);
    try {
      expect(await attempt('the command', server.user, stranger())).toBe('refused');
      expect(await attempt('the command', 'root', server.userKey)).toBe('refused');
      expect(await attempt('sh', server.user, server.userKey)).toBe('Unable to exec');
      expect(await attempt('the command', server.user, server.userKey)).toBe('hello 7');
      expect(await attempt('the command', server.user, server.userKey)).toBe('Unable to exec');
    } finally {
      server.close();
    }
  });

  it('reports a program that is not there', async () => {
    server = await startLocalServer(ssh2, 'the command', [join(directory, 'absent')]);
    try {
      expect(await attempt('the command', server.user, server.userKey)).toBe('127');
    } finally {
      server.close();
    }
  });
});
