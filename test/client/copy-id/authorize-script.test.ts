/** What the script does to a home, in the real shells; sshd has no part in it. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizeScript, type KeyLine, readAuthorizeOutcome } from '../../../client/copy-id/authorize-script.ts';

const KEY: KeyLine = { line: "ssh-ed25519 AAAAkey1 it's $HOME `id` \\n me", base64: 'AAAAkey1' };
const OTHER: KeyLine = { line: 'ssh-ed25519 AAAAkey2 other', base64: 'AAAAkey2' };
/** What a sh may be out there: dash, bash, busybox. */
const SHELLS = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['zsh', '--emulate', 'sh']].filter(
  ([name = '', ...words]) => spawnSync(name, [...words, '-c', ':']).status === 0,
);
/** Modes stop everybody but root: who this is then, in that test. */
const NOBODY = 65_534;

describe.each(SHELLS)('the script in %s %s', (shell, ...words) => {
  let home: string;
  let file: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rove-home-'));
    file = join(home, '.ssh/authorized_keys');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function authorize(...keys: KeyLine[]) {
    const args = words.filter((word) => word !== undefined);
    const env = { HOME: home, PATH: process.env.PATH };
    const { stdout, stderr } = spawnSync(shell ?? 'sh', args, { input: authorizeScript(keys), encoding: 'utf8', env });
    expect(stderr).toBe('');
    const outcome = readAuthorizeOutcome(stdout);
    return outcome.kind === 'done' ? [...outcome.added] : outcome;
  }

  function mode(path: string): string {
    return (statSync(path).mode & 0o777).toString(8);
  }

  function existing(text: string, fileMode = 0o600): void {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(file, text);
    chmodSync(file, fileMode);
  }

  test('makes folder and file for the user alone, and writes the key as it is', () => {
    expect(authorize(KEY)).toEqual([0]);
    expect(readFileSync(file, 'utf8')).toBe(`${KEY.line}\n`);
    expect([mode(join(home, '.ssh')), mode(file)]).toEqual(['700', '600']);
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys']);
  });

  test('adds what is missing, once, and keeps the rest and the mode', () => {
    existing(`# ${OTHER.line}\nfrom="10.*" ${KEY.line}\nssh-rsa AAAAold`, 0o640);
    expect(authorize(KEY, OTHER, OTHER)).toEqual([1]);
    expect(readFileSync(file, 'utf8')).toBe(
      `# ${OTHER.line}\nfrom="10.*" ${KEY.line}\nssh-rsa AAAAold\n${OTHER.line}\n`,
    );
    expect(mode(file)).toBe('640');
    expect(authorize(KEY, OTHER)).toEqual([]);
  });

  test('leaves a link, and adds to what it leads to', () => {
    mkdirSync(join(home, '.ssh'));
    mkdirSync(join(home, 'dotfiles'));
    writeFileSync(join(home, 'dotfiles/keys'), '');
    symlinkSync('../dotfiles/keys', file);
    expect(authorize(KEY)).toEqual([0]);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, 'dotfiles/keys'), 'utf8')).toBe(`${KEY.line}\n`);
  });

  test('takes from others the right to write, which sshd would mind, and tells of the home', () => {
    existing('', 0o666);
    chmodSync(join(home, '.ssh'), 0o777);
    authorize(KEY);
    expect([mode(join(home, '.ssh')), mode(file)]).toEqual(['755', '644']);
    chmodSync(home, 0o770);
    const { stdout } = spawnSync(shell ?? 'sh', words, {
      input: authorizeScript([]),
      encoding: 'utf8',
      env: { HOME: home },
    });
    expect(readAuthorizeOutcome(stdout)).toMatchObject({ openHome: true });
  });

  test('does nothing before it is whole', () => {
    const script = authorizeScript([KEY]);
    spawnSync(shell ?? 'sh', words, { input: script.slice(0, script.lastIndexOf('authorize\n')), env: { HOME: home } });
    expect(readdirSync(home)).toEqual([]);
  });

  test('says where it cannot', () => {
    home = join(home, 'gone');
    expect(authorize(KEY)).toEqual({ kind: 'failed', why: `there is no home folder: make ${home}` });
  });

  test('respects a file that is write-protected', () => {
    existing('', 0o400);
    const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (who.uid !== undefined) for (const path of [home, join(home, '.ssh'), file]) chownSync(path, NOBODY, NOBODY);
    const input = authorizeScript([KEY]);
    const env = { HOME: home, PATH: process.env.PATH };
    const { stdout } = spawnSync(shell ?? 'sh', words, { input, encoding: 'utf8', env, cwd: '/', ...who });
    expect(readAuthorizeOutcome(stdout)).toEqual({ kind: 'failed', why: `${file} is write-protected` });
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});

describe('what the script said', () => {
  test('is found in noise, also behind a line without an end', () => {
    const noise = 'Welcome!\nrove-copy-id\nfortune: rove-copy-id: added 1\nrove-copy-id: done\n';
    expect(readAuthorizeOutcome(noise)).toEqual({ kind: 'done', added: new Set([1]), openHome: false });
    expect(readAuthorizeOutcome('This service allows sftp connections only.\n')).toEqual({ kind: 'no-shell' });
  });
});
