import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../../bench/lab/sshd.ts';
import type { Bootstrapped } from '../../../client/bootstrap/bootstrap.ts';
import type { RemoteTarget } from '../../../client/ssh/target.ts';
import { UserError } from '../../../client/user-error.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { CANNED_ANSWER, makeStandInServer } from '../../peers/stand-in-server.ts';
import { bootstrapTarget as bootstrap, targetWith } from '../../ssh/bootstrap-target.ts';
import { ScriptedPrompter } from '../../ssh/scripted-prompter.ts';

const REQUEST = `rove-request 1 ${'5a'.repeat(2500)}\n`;

let sshd: Sshd;
let lastRequest: () => string | undefined;
let count = 0;

function target(changes: Partial<RemoteTarget> = {}): RemoteTarget {
  return targetWith({ configFile: sshd.configFile, ...changes });
}

/** A configuration like the peer's own, with `lines` before it, which so win. */
function configFile(...lines: string[]): string {
  const file = join(sshd.directory, `config${count++}`);
  writeFileSync(file, `${lines.join('\n')}\n${readFileSync(sshd.configFile, 'utf8')}`);
  return file;
}

/** A known_hosts file of its own, in a directory that is not there yet. */
function knownHostsFile(content?: string): string {
  const directory = join(sshd.directory, `known${count++}`);
  if (content !== undefined) {
    mkdirSync(directory);
    writeFileSync(join(directory, 'known_hosts'), content);
  }
  return join(directory, 'known_hosts');
}

function key(type: string, passphrase = '', format: 'RFC4716' | 'PEM' = 'RFC4716'): string {
  const file = join(sshd.directory, `key${count++}`);
  makeKey(file, type, passphrase, format);
  return file;
}

/** As the command line has them. */
function identities(...files: readonly string[]): string[] {
  return files.map((file) => `IdentityFile="${file}"`);
}

/** Lets the peer accept `file`, beside its first key. */
function authorize(file: string): string {
  const authorized = join(sshd.directory, 'authorized_keys');
  writeFileSync(authorized, `${readFileSync(authorized, 'utf8')}${readFileSync(`${file}.pub`, 'utf8')}`);
  return file;
}

async function failure(attempt: Promise<Bootstrapped>): Promise<string> {
  const error: unknown = await attempt.then(
    () => new Error('it came about'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error;
  expect(error.message).not.toContain('\n');
  return error.message;
}

function fingerprint(publicKeyFile: string): string {
  return execFileSync('ssh-keygen', ['-l', '-f', publicKeyFile], { encoding: 'utf8' }).split(' ')[1] ?? '';
}

describe.skipIf(noSshd !== undefined)(`the bootstrap against a real sshd${noSshd ? `: ${noSshd}` : ''}`, () => {
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rove-stand-in-'));
    lastRequest = makeStandInServer(directory);
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'], path: directory });
    return () => rmSync(directory, { recursive: true, force: true });
  });
  afterAll(async () => {
    await sshd.stop();
  });

  it('carries the request there and the answer back out of the noise', async () => {
    const prompter = new ScriptedPrompter();
    const { answer, addresses } = await bootstrap(target(), REQUEST, prompter);
    expect(answer).toEqual(CANNED_ANSWER);
    expect(addresses).toEqual([sshd.address, ...CANNED_ANSWER.addresses]);
    expect(lastRequest()).toBe(REQUEST);
    expect(prompter).toMatchObject({ questions: [], told: [] });
  });

  it('makes the request once, when it is needed', async () => {
    let made = 0;
    const request = () => `rove-request 1 0${made++}\n`;
    await bootstrap(target(), request, new ScriptedPrompter());
    expect(lastRequest()).toBe('rove-request 1 00\n');
    expect(made).toBe(1);
  });

  it('keeps to the family of addresses that the user wants', async () => {
    const { addresses } = await bootstrap(
      target({ directives: ['AddressFamily=inet'] }),
      REQUEST,
      new ScriptedPrompter(),
    );
    expect(addresses).toEqual([sshd.address, '192.0.2.7']);
  });

  it('goes by the command line before the configuration', async () => {
    const config = configFile('Host peer', 'Port 1', 'IdentityFile none');
    const directives = [`Port=${sshd.port}`, `User=${sshd.user}`, `IdentityFile=${sshd.userKey}`];
    const options = { configFile: config, directives };
    await bootstrap(target(options), REQUEST, new ScriptedPrompter());
    expect(await failure(bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter()))).toMatch(
      /port 1 refused the connection/,
    );
  });

  describe('the host key', () => {
    it('of an unknown host is shown, asked for, and recorded for the next time', async () => {
      const known = knownHostsFile();
      const options = target({ configFile: configFile(`UserKnownHostsFile ${known}`, 'StrictHostKeyChecking ask') });
      const prompter = new ScriptedPrompter('perhaps', 'yes');
      await bootstrap(options, REQUEST, prompter);
      const shown = fingerprint(join(sshd.directory, 'host_ed25519.pub'));
      expect(prompter.questions[0]).toContain(`ED25519 key fingerprint is ${shown}.\n`);
      expect(prompter.questions[0]).toMatch(/yes\/no\/\[fingerprint\]/);
      expect(prompter.questions).toHaveLength(2);
      expect(prompter.echoes).toEqual([true, true]);
      expect(statSync(known).mode & 0o777).toBe(0o600);
      expect(statSync(join(known, '..')).mode & 0o777).toBe(0o700);

      const again = new ScriptedPrompter();
      await bootstrap(options, REQUEST, again);
      expect(again.questions).toEqual([]);
      // OpenSSH reads the line too.
      const found = execFileSync('ssh-keygen', ['-F', `[${sshd.address}]:${sshd.port}`, '-f', known]).toString();
      expect(found).toContain('ssh-ed25519');
    });

    it('is taken for its fingerprint, and added to a file that lacks its last line feed', async () => {
      const known = knownHostsFile('# no line feed after this');
      const config = configFile(`UserKnownHostsFile ${known}`, 'StrictHostKeyChecking ask', 'HashKnownHosts yes');
      const shown = fingerprint(join(sshd.directory, 'host_ed25519.pub'));
      await bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter(shown));
      expect(readFileSync(known, 'utf8')).toMatch(/^# no line feed after this\n\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
      await bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter());
    });

    it('is refused when the user says no, and nothing is recorded', async () => {
      const known = knownHostsFile('');
      const config = configFile(`UserKnownHostsFile ${known}`, 'StrictHostKeyChecking ask');
      const attempt = bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter('no'));
      expect(await failure(attempt)).toMatch(/was not accepted/);
      expect(readFileSync(known, 'utf8')).toBe('');
    });

    it('of an unknown host is refused without a question where the configuration is strict', async () => {
      const config = configFile(`UserKnownHostsFile ${knownHostsFile('')}`);
      const prompter = new ScriptedPrompter();
      const said = await failure(bootstrap(target({ configFile: config }), REQUEST, prompter));
      expect(said).toMatch(/StrictHostKeyChecking is on/);
      expect(prompter.questions).toEqual([]);
    });

    it('that has changed is refused with a warning that names the line', async () => {
      const other = readFileSync(`${key('ed25519')}.pub`, 'utf8');
      const known = knownHostsFile(`# first\n[${sshd.address}]:${sshd.port} ${other}`);
      for (const strictness of ['ask', 'yes', 'accept-new']) {
        const config = configFile(`UserKnownHostsFile ${known}`, `StrictHostKeyChecking ${strictness}`);
        const prompter = new ScriptedPrompter('yes');
        const said = await failure(bootstrap(target({ configFile: config }), REQUEST, prompter));
        expect(said).toContain(`${known}:2`);
        expect(said).toContain(`-R '[${sshd.address}]:${sshd.port}'`);
        expect(prompter.told.join('\n')).toMatch(/WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!/);
        expect(prompter.questions).toEqual([]);
      }
    });

    it('that is revoked is refused', async () => {
      const known = knownHostsFile(`${readFileSync(sshd.knownHosts, 'utf8')}@revoked * ${sshd.hostKeys[0]}\n`);
      const config = configFile(`UserKnownHostsFile ${known}`);
      expect(await failure(bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter()))).toMatch(
        /is revoked by/,
      );
    });

    it('is asked for in the type that is known', async () => {
      for (const type of ['ecdsa', 'rsa'] as const) {
        const line = sshd.hostKeys.find((hostKey) => hostKey.includes(type));
        const config = configFile(`UserKnownHostsFile ${knownHostsFile(`[${sshd.address}]:${sshd.port} ${line}\n`)}`);
        await bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter());
      }
    });
  });

  describe('the key of the user', () => {
    it.each([
      ['ed25519', 'RFC4716'],
      ['ecdsa', 'RFC4716'],
      ['rsa', 'RFC4716'],
      ['ecdsa', 'PEM'],
      ['rsa', 'PEM'],
    ] as const)('may be of type %s in the format %s', async (type, format) => {
      const file = authorize(key(type, '', format));
      await bootstrap(
        target({ configFile: configFile('Host peer', `IdentityFile ${file}`) }),
        REQUEST,
        new ScriptedPrompter(),
      );
      await expect.poll(() => sshd.log()).toContain(fingerprint(`${file}.pub`));
    });

    it.each(['RFC4716', 'PEM'] as const)('may be behind a passphrase, in the format %s', async (format) => {
      const file = authorize(key('rsa', 'correct horse', format));
      const config = withoutKeys();
      const prompter = new ScriptedPrompter('wrong', 'correct horse');
      await bootstrap(target({ configFile: config, directives: identities(file) }), REQUEST, prompter);
      expect(prompter.questions).toHaveLength(2);
      expect(prompter.questions[0]).toBe(`Enter passphrase for key '${file}': `);
      expect(prompter.echoes).toEqual([false, false]);
    });

    it('is not asked about before the server wants it', async () => {
      const unwanted = key('ed25519', 'secret');
      const config = withoutKeys();
      const prompter = new ScriptedPrompter();
      const files = [unwanted, sshd.userKey];
      await bootstrap(target({ configFile: config, directives: identities(...files) }), REQUEST, prompter);
      expect(prompter.questions).toEqual([]);
      expect(
        await failure(bootstrap(target({ configFile: config, directives: identities(unwanted) }), REQUEST, prompter)),
      ).toMatch(/Permission denied \(publickey\)\. Tried 1 key/);
      expect(prompter.questions).toEqual([]);
    });

    it('is given up when the passphrase stays wrong, and the next one tried', async () => {
      const locked = authorize(key('ed25519', 'secret'));
      const config = configFile('NumberOfPasswordPrompts 2');
      const prompter = new ScriptedPrompter('no', 'no', 'no');
      const alone = withoutKeys('NumberOfPasswordPrompts 2');
      expect(
        await failure(bootstrap(target({ configFile: alone, directives: identities(locked) }), REQUEST, prompter)),
      ).toMatch(/Permission denied/);
      expect(prompter.questions).toHaveLength(2);
      await bootstrap(target({ configFile: config, directives: identities(locked) }), REQUEST, new ScriptedPrompter());
    });

    it('ends the bootstrap when the user aborts the question', async () => {
      const locked = authorize(key('ed25519', 'secret'));
      const options = target({ configFile: withoutKeys(), directives: identities(locked) });
      expect(await failure(bootstrap(options, REQUEST, new ScriptedPrompter()))).toBe('interrupted');
    });

    it('is passed over with a line when others may read it, or when it is not there', async () => {
      const loose = authorize(key('ed25519'));
      chmodSync(loose, 0o644);
      const prompter = new ScriptedPrompter();
      const files = [loose, join(sshd.directory, 'absent')];
      await failure(
        bootstrap(target({ configFile: withoutKeys(), directives: identities(...files) }), REQUEST, prompter),
      );
      expect(prompter.told).toEqual([
        'WARNING: UNPROTECTED PRIVATE KEY FILE!',
        expect.stringMatching(/^Permissions 0644 for .* are too open/),
        expect.stringMatching(/ignored until .*: chmod 600/),
        expect.stringMatching(/^no such identity: .*absent: No such file or directory$/),
      ]);
    });

    it('may be held by an agent, of any type, and chosen by its public half', async () => {
      const held = (['ed25519', 'ecdsa', 'rsa'] as const).map((type) => key(type));
      await withAgent(held, async (config) => {
        for (const file of held) {
          writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(`${file}.pub`));
          const prompter = new ScriptedPrompter();
          await bootstrap(target({ configFile: config }), REQUEST, prompter);
          await bootstrap(target({ configFile: config, directives: identities(`${file}.pub`) }), REQUEST, prompter);
          expect(prompter).toMatchObject({ questions: [], told: [] });
        }
      });
    });

    it('in a file that the user names comes before the many of an agent, which would use up the tries', async () => {
      const held = Array.from({ length: 7 }, () => key('ed25519'));
      await withAgent(held, async (config) => {
        const alone = bootstrap(target({ configFile: config }), REQUEST, new ScriptedPrompter());
        expect(await failure(alone)).toMatch(/grants no more tries: .* name a key \(-i\) and set IdentitiesOnly/);
        const named = target({ configFile: config, directives: identities(sshd.userKey) });
        await bootstrap(named, REQUEST, new ScriptedPrompter());
      });
    });

    /** Runs `step` with an agent that holds the keys of `files`, and a configuration that has no other keys. */
    async function withAgent(files: readonly string[], step: (configFile: string) => Promise<void>): Promise<void> {
      const socket = join(sshd.directory, `agent${count++}`);
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        await new Promise((resolve) => agent.stdout.once('data', resolve));
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        for (const file of files) execFileSync('ssh-add', ['-q', file], { env, stdio: 'ignore' });
        await step(withoutKeys(`IdentityAgent ${socket}`));
      } finally {
        agent.kill();
        writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(`${sshd.userKey}.pub`));
      }
    }

    /** The peer's configuration without its key. */
    function withoutKeys(...lines: string[]): string {
      const file = configFile(...lines);
      writeFileSync(
        file,
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => !/^Identit(?:yFile|iesOnly) /.test(line))
          .join('\n')
          .concat('IdentityFile none\n'),
      );
      return file;
    }
  });

  describe('what goes wrong', () => {
    it('is said when the server program is not there', async () => {
      const attempt = bootstrap(target({ server: 'no-such-server' }), REQUEST, new ScriptedPrompter());
      expect(await failure(attempt)).toMatch(/peer does not find no-such-server: .*--server=PATH/);
    });

    it('is said when Node is not there', async () => {
      const script = join(sshd.directory, 'needs-node');
      writeFileSync(script, '#!/usr/bin/env -S PATH=/nowhere node\n', { mode: 0o755 });
      const attempt = bootstrap(
        target({ server: `PATH=/nowhere /usr/bin/env node ${script}` }),
        REQUEST,
        new ScriptedPrompter(),
      );
      expect(await failure(attempt)).toMatch(/no Node on peer/);
    });

    it('is quoted when the command fails', async () => {
      const server = "sh -c 'echo the disk is full >&2; exit 3'";
      const attempt = bootstrap(target({ server }), REQUEST, new ScriptedPrompter());
      expect(await failure(attempt)).toBe('rove-server on peer failed with status 3. It said: the disk is full');
    });

    it('is said when nothing listens, or the name is unknown', async () => {
      const closed = bootstrap(target({ directives: ['Port=1'] }), REQUEST, new ScriptedPrompter());
      expect(await failure(closed)).toMatch(/127\.0\.0\.1 port 1 refused the connection/);
      const unknown = bootstrap(target({ host: 'no-such-host.invalid' }), REQUEST, new ScriptedPrompter());
      expect(await failure(unknown)).toMatch(/no address for the name no-such-host\.invalid|cannot look up/);
    });

    it('is said when something else than ssh listens', async () => {
      const silent = createServer((socket) => socket.on('error', () => undefined).resume());
      const gone = createServer((socket) => socket.end());
      try {
        const config = configFile('ConnectTimeout 1');
        const attempts = await Promise.all(
          [silent, gone].map(async (server) => {
            await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
            const address = server.address();
            const port = typeof address === 'object' ? address?.port : undefined;
            return failure(
              bootstrap(target({ configFile: config, directives: [`Port=${port}`] }), REQUEST, new ScriptedPrompter()),
            );
          }),
        );
        expect(attempts[0]).toMatch(/does not answer as an ssh server/);
        expect(attempts[1]).toMatch(/closed the connection during the ssh handshake|handshake with peer failed/);
      } finally {
        silent.close();
        gone.close();
      }
    });
  });

  describe("with the system's ssh", () => {
    it('comes to the same', async () => {
      const command = `ssh -F "${sshd.configFile}"`;
      const options = target({ configFile: undefined, ssh: command });
      const { answer, addresses } = await bootstrap(options, () => REQUEST, new ScriptedPrompter());
      expect(answer).toEqual(CANNED_ANSWER);
      expect(addresses).toEqual([sshd.address, ...CANNED_ANSWER.addresses]);
      expect(lastRequest()).toBe(REQUEST);
    });

    it('hands on the options that both know', async () => {
      const options = target({
        ssh: 'ssh -o BatchMode=yes',
        directives: ['Port=1', 'User=nobody', 'AddressFamily=inet'],
      });
      expect(await failure(bootstrap(options, REQUEST, new ScriptedPrompter()))).toMatch(
        /ssh could not log in on peer: see what it said above/,
      );
    });

    it('says what is missing, here and there', async () => {
      const there = bootstrap(target({ ssh: 'ssh', server: 'no-such-server' }), REQUEST, new ScriptedPrompter());
      expect(await failure(there)).toMatch(/peer does not find no-such-server/);
      const here = bootstrap(target({ ssh: 'no-such-ssh' }), REQUEST, new ScriptedPrompter());
      expect(await failure(here)).toMatch(/cannot run no-such-ssh: there is no such program/);
    });
  });
});
