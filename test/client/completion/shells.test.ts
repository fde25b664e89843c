/** Tab in the real shells: what stands on the command line after it. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHELLS, type Shell } from '../../../client/completion/option-table.ts';
import { Pty } from '../../../server/pty.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SETTLED_MS = 30_000;
const POLL_MS = 10;
/** Ctrl-A: to the beginning of the line, in all three. */
const FIRST = '\x01';
/** Ctrl-E: to its end. */
const LAST = '\x05';

/** How each shell is started without anything of this user's, and what it reads first. */
const STARTS: Record<Shell, { args: readonly string[]; file: string; text: string }> = {
  bash: {
    args: ['--noprofile', '--rcfile', 'HOME/bashrc', '-i'],
    file: 'bashrc',
    text: 'eval "$(rove completion bash)"',
  },
  zsh: { args: ['-i'], file: '.zshrc', text: 'autoload -U compinit; compinit -u -D; eval "$(rove completion zsh)"' },
  fish: { args: ['-i'], file: '.config/fish/config.fish', text: 'rove completion fish | source' },
};

/** A shell on a terminal, which tells what stands on its line. */
class ShellAtWork {
  /** Begins the names of the files in which it tells. */
  readonly #place: string;
  readonly #pty: Pty;
  #output = '';
  #asked = 0;

  constructor(shell: Shell, home: string) {
    this.#place = join(home, `shown-by-${shell}-`);
    const { args, file, text } = STARTS[shell];
    mkdirSync(join(home, '.config/fish'), { recursive: true });
    const prompt = shell === 'fish' ? "function fish_prompt; echo -n 'READY> '; end" : "PS1='READY> '";
    writeFileSync(join(home, file), `${text}\n${prompt}\n`);
    this.#pty = new Pty({
      file: shell,
      args: args.map((word) => word.replace('HOME', home)),
      env: {
        PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
        HOME: home,
        ZDOTDIR: home,
        TERM: 'dumb',
        LANG: 'C.UTF-8',
      },
      cwd: home,
      cols: 200,
      rows: 40,
      onOutput: (bytes) => {
        this.#output += Buffer.from(bytes).toString();
        return true;
      },
      onRoom: () => {},
      onExit: () => {},
    });
  }

  /** The words of the command line after `typed` and Tab. */
  async afterTab(typed: string): Promise<string[]> {
    const file = `${this.#place}${this.#asked++}`;
    await this.#until(() => this.#output.includes('READY> '));
    this.#output = '';
    this.#write(`${typed}\t${FIRST}show-words ${file} ${LAST}\r`);
    await this.#until(() => existsSync(file));
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  }

  stop(): void {
    this.#pty.kill();
  }

  #write(text: string): void {
    this.#pty.write(Buffer.from(text));
  }

  async #until(there: () => boolean): Promise<void> {
    for (let leftMs = SETTLED_MS; !there(); leftMs -= POLL_MS) {
      if (leftMs < 0) throw new Error(`nothing came: ${JSON.stringify(this.#output)}`);
      await delay(POLL_MS);
    }
  }
}

const home = mkdtempSync(join(tmpdir(), 'rove-completion-'));

beforeAll(() => {
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, '.ssh/config.d'), { recursive: true });
  const programs = {
    rove: `exec ${process.execPath} ${join(ROOT, 'dist/rove.mjs')} "$@"`,
    // Written under another name first: whoever waits for the file finds it whole.
    'show-words': 'file=$1; shift; printf "%s\\n" "$@" >"$file.part"; mv "$file.part" "$file"',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  writeFileSync(join(home, '.ssh/config'), 'Include config.d/*.conf\nHost webserver *.internal !web9\n');
  writeFileSync(join(home, '.ssh/config.d/one.conf'), 'Host=database-1 "database-2"\n');
  writeFileSync(join(home, 'other.conf'), 'Host elsewhere\n');
  writeFileSync(join(home, '.ssh/known_hosts'), '[router.example]:2222,2001:db8::77 ssh-ed25519 AAAA\n');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const CASES: readonly (readonly [what: string, typed: string, words: readonly string[]])[] = [
  ['a host of the configuration', 'rove webs', ['rove', 'webserver']],
  ['a host of a file that is included, as far as it is clear', 'rove data', ['rove', 'database-']],
  ['a host of known_hosts, with a user', 'rove me@rou', ['rove', 'me@router.example']],
  ['an address with colons', 'rove 2001:d', ['rove', '2001:db8::77']],
  ['a host behind others', 'rove -J webserver,rou', ['rove', '-J', 'webserver,router.example']],
  ['hosts of another configuration', 'rove -F other.conf else', ['rove', '-F', 'other.conf', 'elsewhere']],
  ['a long option with a value', 'rove --pred', ['rove', '--predict=']],
  ['the value of a long option', 'rove --predict=al', ['rove', '--predict=always']],
  ['the value of a long option in a word of its own', 'rove --predict al', ['rove', '--predict', 'always']],
  ['a keyword', 'rove -o BatchM', ['rove', '-o', 'BatchMode=']],
  ['the value of a keyword', 'rove -o StrictHostKeyChecking=acc', ['rove', '-o', 'StrictHostKeyChecking=accept-new']],
  ['a file', 'rove -F oth', ['rove', '-F', 'other.conf']],
  ['a command for the host', 'rove webserver show-wo', ['rove', 'webserver', 'show-words']],
  ['a word of its own', 'rove compl', ['rove', 'completion']],
];

for (const shell of SHELLS) {
  const missing = spawnSync(shell, ['--version']).error !== undefined;
  describe.skipIf(missing)(`Tab in ${shell}${missing ? ': it is not installed' : ''} completes`, () => {
    let atWork: ShellAtWork;
    beforeAll(() => {
      atWork = new ShellAtWork(shell, home);
    });
    afterAll(() => atWork.stop());

    test.each(CASES)('%s', async (_what, typed, words) => {
      expect(await atWork.afterTab(typed)).toEqual(words);
    });
  });
}
