import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appendKnownHosts, readKnownHosts, rewriteKnownHosts } from '../../../client/ssh/host-keys/known-hosts-file.ts';
import { UserError } from '../../../client/user-error.ts';

describe('a known_hosts file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rove-known-file-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let count = 0;

  function fileOf(text: string, mode = 0o600): string {
    const file = join(directory, `${count++}`, 'known_hosts');
    mkdirSync(dirname(file));
    writeFileSync(file, text, { mode });
    return file;
  }

  it('that is not there has no text, and is made with its directory, for the user alone', async () => {
    const file = join(directory, '.ssh', 'known_hosts');
    expect(await readKnownHosts(file)).toBeUndefined();
    await appendKnownHosts(file, 'one\n');
    expect(readFileSync(file, 'utf8')).toBe('one\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  it('gets its last line feed before a new line', async () => {
    const file = fileOf('# no line feed');
    await appendKnownHosts(file, 'one\ntwo\n');
    await appendKnownHosts(file, 'three\n');
    expect(readFileSync(file, 'utf8')).toBe('# no line feed\none\ntwo\nthree\n');
  });

  it('keeps its mode when it is rewritten, leaves nothing beside it, and stays the same file if nothing changes', async () => {
    const file = fileOf('one\ntwo\n', 0o640);
    await rewriteKnownHosts(file, (text) => text.replace('one\n', ''));
    expect(readFileSync(file, 'utf8')).toBe('two\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(file))).toEqual(['known_hosts']);
    const { ino } = statSync(file);
    await rewriteKnownHosts(file, (text) => text);
    expect(statSync(file).ino).toBe(ino);
  });

  it('that is a link stays one, and what it leads to is rewritten', async () => {
    const target = fileOf('one\n');
    const link = join(directory, 'link');
    symlinkSync(target, link);
    await rewriteKnownHosts(link, () => 'two\n');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('two\n');
    expect(readdirSync(dirname(target))).toEqual(['known_hosts']);
  });

  it('stays as it was when the change fails', async () => {
    const file = fileOf('one\n');
    const attempt = rewriteKnownHosts(file, () => {
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(readFileSync(file, 'utf8')).toBe('one\n');
    expect(readdirSync(dirname(file))).toEqual(['known_hosts']);
  });

  it('is rewritten from what somebody else has made of it meanwhile', async () => {
    const file = fileOf('one\ntwo\n');
    let calls = 0;
    await rewriteKnownHosts(file, (text) => {
      if (calls++ === 0) appendFileSync(file, 'late\n');
      return text.replace('one\n', '');
    });
    expect(calls).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('two\nlate\n');
  });

  it('is given up, and left alone, when somebody keeps writing to it', async () => {
    const file = fileOf('one\n');
    const attempt = rewriteKnownHosts(file, (text) => {
      appendFileSync(file, 'again\n');
      return text.replace('one\n', '');
    });
    await expect(attempt).rejects.toThrow(/keep writing/);
    expect(readFileSync(file, 'utf8')).toMatch(/^one\n(again\n)+$/);
    expect(readdirSync(dirname(file))).toEqual(['known_hosts']);
  });

  it('loses no line of many who append and rewrite at the same time', async () => {
    const file = fileOf('old 0\nold 1\nold 2\nold 3\n');
    const added = Array.from({ length: 40 }, (_, number) => `new ${number}\n`);
    await Promise.all([
      ...added.map((line) => appendKnownHosts(file, line)),
      ...[0, 1, 2, 3].map((number) =>
        // Too busy a file is left for the next time.
        rewriteKnownHosts(file, (text) => text.replace(`old ${number}\n`, '')).catch(() => undefined),
      ),
    ]);
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const line of added) expect(lines).toContain(line.trim());
    expect(lines.filter((line) => !/^(?:(?:old|new) \d+)?$/.test(line))).toEqual([]);
    expect(readdirSync(dirname(file))).toEqual(['known_hosts']);
  });

  it('may be a pipe, as a shell makes it of <(…)', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'printf "one\\ntwo\\n" > "$0"', pipe], { stdio: 'ignore' });
    expect(await readKnownHosts(pipe)).toBe('one\ntwo\n');
    writer.kill();
  }, 5000);

  it('that is far too large is refused, since it cannot be checked', async () => {
    const file = fileOf('');
    truncateSync(file, 65 * 1024 * 1024);
    await expect(readKnownHosts(file)).rejects.toThrow(UserError);
  });
});
