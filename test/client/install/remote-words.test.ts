/** The command lines for the host, read by every shell that is installed here as sshd has it read them: `shell -c command`. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  COMMON_LAUNCHER,
  DEFAULT_SERVER,
  INSTALLED_FOLDER,
  LAUNCHER,
  nodeCommand,
  startCommand,
  startUnless,
} from '../../../client/install/remote-words.ts';

const SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish', '/usr/bin/tcsh', '/usr/bin/ksh', '/bin/dash'];
/** tcsh's limit for a word, and room for a quote. */
const WORD_LENGTH_MAX = 1_000;
/** One of those that are looked at besides the PATH. */
const OWN_NODE = ['/usr/local/bin/node', '/opt/homebrew/bin/node', '/snap/bin/node'].find((path) => existsSync(path));

let home: string;

beforeEach(() => {
  // A space and a quote, which the commands have to bear in the home's path.
  home = join(mkdtempSync(join(tmpdir(), 'rove-words-')), "o'neil home");
  mkdirSync(home);
});

afterEach(() => rmSync(dirname(home), { recursive: true, force: true }));

/** A program that says its name and what it was given. */
function program(path: string, says: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ${says} "$@"\n`);
  chmodSync(path, 0o755);
}

describe.each(SHELLS.filter((shell) => existsSync(shell)))('in %s', (shell) => {
  function run(command: string, input = '', path = '/usr/local/bin:/usr/bin:/bin') {
    const env = { HOME: home, PATH: path };
    const { status, stdout, stderr } = spawnSync(shell, ['-c', command], { env, input, encoding: 'utf8' });
    return { status, stdout: stdout.trim(), stderr };
  }

  it('the server of the PATH is found, then that of ~/.local/bin, and before them the one for this very protocol', () => {
    expect(run(startCommand(DEFAULT_SERVER))).toMatchObject({ status: 127, stdout: '' });
    expect(run(startCommand(DEFAULT_SERVER)).stderr).toContain('rove-server: not found');
    program(join(home, COMMON_LAUNCHER), 'local');
    expect(run(startCommand(DEFAULT_SERVER))).toMatchObject({ status: 0, stdout: 'local connect' });
    program(join(home, 'on path', 'rove-server'), 'path');
    const path = `${join(home, 'on path')}:/usr/bin:/bin`;
    expect(run(startCommand(DEFAULT_SERVER), '', path)).toMatchObject({ status: 0, stdout: 'path connect' });
    program(join(home, INSTALLED_FOLDER, LAUNCHER), 'own');
    expect(run(startCommand(DEFAULT_SERVER), '', path)).toMatchObject({ status: 0, stdout: 'own connect' });
  });

  it('nothing is started where a socket is, and all is as usual where it is not', async () => {
    program(join(home, COMMON_LAUNCHER), 'local');
    program(join(home, 'mine'), 'mine');
    const socket = join(dirname(home), 'socket');
    for (const [server, says] of [
      [DEFAULT_SERVER, 'local connect'],
      ['~/mine', 'mine connect'],
    ] as const) {
      const command = startUnless(socket, server) ?? '';
      expect(run(command)).toMatchObject({ status: 0, stdout: says });
      const listening = createServer();
      await new Promise<void>((resolve) => listening.listen(socket, resolve));
      expect(run(command)).toEqual({ status: 0, stdout: '', stderr: '' });
      await new Promise((resolve) => listening.close(resolve));
    }
    expect(startUnless("/o'neil/socket", DEFAULT_SERVER)).toBeUndefined();
  });

  it('what the user has named is run as it is', () => {
    program(join(home, 'mine'), 'mine');
    expect(run(startCommand('~/mine --flag'))).toMatchObject({ status: 0, stdout: 'mine --flag connect' });
  });

  it('Node runs what comes on standard input', () => {
    const script = 'process.stdout.write("it\'s " + [1, 2].map((n) => `<$HOME \\\\ !!>` + n))';
    expect(run(nodeCommand(), script)).toMatchObject({ status: 0, stdout: "it's <$HOME \\ !!>1,<$HOME \\ !!>2" });
  });

  it.skipIf(OWN_NODE !== undefined)(
    `a Node is found that only a version manager knows, and an older one on the PATH passed over${OWN_NODE === undefined ? '' : ` (skipped: there is a ${OWN_NODE})`}`,
    () => {
      const bare = join(home, 'bare');
      mkdirSync(bare);
      for (const tool of ['sh', 'test', 'echo']) symlinkSync(`/bin/${tool}`, join(bare, tool));
      expect(run(nodeCommand(), '', bare)).toMatchObject({ status: 127, stdout: '' });
      writeFileSync(join(bare, 'node'), '#!/bin/sh\n[ "$1" = --version ] && echo v18.19.0\nexit 1\n', { mode: 0o755 });
      const old = run(nodeCommand(), '', bare);
      expect(old.status).toBe(127);
      expect(old.stderr).toMatch(/^v18\.19\.0$/m);
      const managed = join(home, '.nvm/versions/node/v22.1.0/bin');
      mkdirSync(managed, { recursive: true });
      symlinkSync(process.execPath, join(managed, 'node'));
      expect(run(nodeCommand(), 'console.log("managed")', bare)).toMatchObject({ status: 0, stdout: 'managed' });
    },
  );
});

describe('the command lines', () => {
  it('are words that no shell takes for more than they say', () => {
    const path = `/${'d'.repeat(102)}`;
    for (const command of [startCommand(DEFAULT_SERVER), startUnless(path, DEFAULT_SERVER) ?? '', nodeCommand()]) {
      const [, word = ''] = /^exec sh -c '([^']*)'$/.exec(command) ?? [];
      expect(word.length).toBeGreaterThan(0);
      expect(word.length).toBeLessThan(WORD_LENGTH_MAX);
      expect(word).not.toMatch(/[\\!\n]/);
    }
  });
});
