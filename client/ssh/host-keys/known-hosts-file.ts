/**
 * The files of known_hosts. New lines are appended in one write; lines are taken out by a new file in the old one's place, with its mode
 * and its owner, so that whoever reads it meanwhile reads the one or the other as a whole. Several programs may write at the same time
 * (two clients, an editor): what one adds is not lost by the other.
 */

import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../user-error.ts';

/** Largest file read, in bytes; the largest generated ones known have some ten thousand lines. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** How often a write begins anew because the file changed under it. */
const TRIES_MAX = 8;

/** Bits of a mode that a new file takes over. */
const MODE_BITS = 0o7777;

/**
 * The text of a file; undefined if there is none. Throws `UserError` if it is too large, since its keys cannot be left out of a check, and
 * the system's error if it cannot be read.
 */
export async function readKnownHosts(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      return (await readWhole(handle, file)).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isNodeError(error, 'ENOENT') || isNodeError(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Adds whole `lines` at the end; makes the file and the directory it is in, for the user alone, if they are not there. */
export async function appendKnownHosts(file: string, lines: string): Promise<void> {
  // Not the directories above: `~/.ssh` is wanted, and Node loops for ever over some paths that nobody can make (in /proc).
  await mkdir(dirname(file), { mode: 0o700 }).catch(() => undefined);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      // A file of which these lines were already written may have been put in place by someone who saw them.
      if (tries > 0 && (await readWhole(handle, file)).includes(lines)) return;
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      await handle.appendFile(size > 0 && last[0] !== 0x0a ? `\n${lines}` : lines);
      if (await isAt(handle, file)) return;
    } finally {
      await handle.close();
    }
  }
  throw new Error('other programs keep replacing it');
}

/**
 * Puts `change(text)` in place of a file's text; a file that is not there stays so. `change` may be called several times, and sees the
 * newest text each time; if it gives the same text back, nothing is written.
 */
export async function rewriteKnownHosts(file: string, change: (text: string) => string): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (await tryRewrite(file, change)) return;
  }
  throw new Error('other programs keep writing to it');
}

/** Gives false if the file changed meanwhile. */
async function tryRewrite(file: string, change: (text: string) => string): Promise<boolean> {
  // A link stays one: what it points to is replaced.
  const target = await realpath(file);
  const old = await open(target, 'r');
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  let isThere = false;
  try {
    const before = await readWhole(old, file);
    const text = before.toString('utf8');
    const changed = change(text);
    if (changed === text) return true;
    const { mode, uid, gid } = await old.stat();
    const fresh = await open(temporary, 'wx', 0o600);
    isThere = true;
    try {
      await fresh.writeFile(changed);
      const made = await fresh.stat();
      if (made.uid !== uid || made.gid !== gid) await fresh.chown(uid, gid);
      await fresh.chmod(mode & MODE_BITS);
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    if (!(await isAt(old, target)) || !(await readWhole(old, file)).equals(before)) return false;
    await rename(temporary, target);
    isThere = false;
    // Somebody who had opened the old file may have added to it since; who opened it and adds later finds out by itself.
    const late = (await readWhole(old, file)).subarray(before.length);
    if (late.length > 0)
      await appendKnownHosts(
        target,
        late
          .toString('utf8')
          .replace(/^\n|\n?$/g, '')
          .concat('\n'),
      );
    return true;
  } finally {
    await old.close();
    if (isThere) await unlink(temporary).catch(() => undefined);
  }
}

/** Whether `path` still leads to the file that was opened. */
async function isAt(handle: FileHandle, path: string): Promise<boolean> {
  const [opened, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return there?.ino === opened.ino && there.dev === opened.dev;
}

/** From the start, whatever was read before; a pipe is read to its end. */
async function readWhole(handle: FileHandle, file: string): Promise<Buffer> {
  const opened = await handle.stat();
  const isSeekable = opened.isFile();
  if (isSeekable && opened.size > FILE_BYTES_MAX) throw tooLarge(file);
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, isSeekable ? length : null);
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    chunks.push(chunk.subarray(0, bytesRead));
    length += bytesRead;
    // A pipe has no size.
    if (length > FILE_BYTES_MAX) throw tooLarge(file);
  }
}

function tooLarge(file: string): UserError {
  return new UserError(`${file} is over ${FILE_BYTES_MAX / 1024 / 1024} MB, too large for known hosts: tidy it up`);
}

function isNodeError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
