/** The files that ssh's configuration comes from: which they are, whether they may be trusted, and the lines in them. */

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../user-error.ts';

/** Largest configuration file read, in bytes. */
const FILE_SIZE_MAX = 4 * 1024 * 1024;

const GROUP_OR_OTHERS_MAY_WRITE = 0o022;

/** One of them. */
export interface ConfigFile {
  readonly path: string;
  /** Where relative names of its Includes start. */
  readonly folder: string;
  /** It is the user's, and nobody else may write to it. */
  readonly isUsers: boolean;
  /** It has to be there. */
  readonly isNeeded: boolean;
}

/** Those of ssh, or the one of `-F` alone; `none` is none. */
export function configFiles(given: string | undefined): ConfigFile[] {
  const folder = join(homedir(), '.ssh');
  if (given?.toLowerCase() === 'none') return [];
  if (given !== undefined) return [{ path: given, folder, isUsers: false, isNeeded: true }];
  return [
    { path: join(folder, 'config'), folder, isUsers: true, isNeeded: false },
    { path: '/etc/ssh/ssh_config', folder: '/etc/ssh', isUsers: false, isNeeded: false },
  ];
}

/** The lines of a file; undefined if it is not there. Throws `UserError` if it may not be used. */
export function readLines(path: string, file: Pick<ConfigFile, 'isUsers' | 'isNeeded'>): string[] | undefined {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (cause) {
    if (!file.isNeeded) return undefined;
    throw new UserError(`Can't open user config file ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    const { size, mode, uid } = fstatSync(handle);
    if (file.isUsers && ((uid !== 0 && uid !== process.getuid?.()) || (mode & GROUP_OR_OTHERS_MAY_WRITE) !== 0)) {
      throw new UserError(`Bad owner or permissions on ${path}: it has to be yours, and chmod 600`);
    }
    if (size > FILE_SIZE_MAX) throw new UserError(`${path} is too large for a configuration`);
    return readFileSync(handle, 'utf8').split('\n');
  } catch (cause) {
    if (cause instanceof UserError || file.isNeeded) {
      throw cause instanceof UserError ? cause : new UserError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
    }
    return undefined;
  } finally {
    closeSync(handle);
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'No such file or directory';
  if (code === 'EACCES') return 'Permission denied';
  return cause instanceof Error ? cause.message : String(cause);
}
