/**
 * Files that are there whole or not at all: a report takes an hour to measure, and neither a full disk nor Ctrl-C may leave half of
 * one, nor may a second run wipe out the first. Written beside the target under a name of its own, then put in place at once.
 */

import { link, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';

/** Why a file could not be written there, in a line, or undefined: to be asked before an hour is spent on what goes into it. */
export async function whyNotWritten(file: string, mayReplace: boolean): Promise<string | undefined> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) return `${file} is a directory: name a file`;
  if (there !== undefined && !mayReplace) return `${file} is there already: choose another name`;
  const folder = await stat(dirname(file)).catch(() => undefined);
  return folder?.isDirectory() ? undefined : `${dirname(file)} is not a directory: make it first`;
}

/** Writes the text, mode 0644; throws one line when the file is there already and must not be replaced. */
export async function writeWhole(file: string, text: string, mayReplace = false): Promise<void> {
  const why = await whyNotWritten(file, mayReplace);
  if (why !== undefined) throw new Error(why);
  const draft = `${file}.${process.pid}.part`;
  try {
    await writeFile(draft, text, { mode: 0o644, flag: 'wx', flush: true });
    if (mayReplace) await rename(draft, file);
    else await putWhereNoneIs(draft, file);
  } catch (error) {
    throw new Error(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link, unlike a rename, fails where a file is; but some file systems have none, and there the look beforehand must do. */
async function putWhereNoneIs(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    await rename(draft, file);
  }
}
