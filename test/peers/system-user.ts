/**
 * A user of this system that lives as long as a test: of a name, a password, a home and a login shell of its own. OpenSSH goes by the
 * system's list of users and by nothing else, so what differs by login shell or by password needs a real one, and root to make it.
 */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { isAlive, removeAtTheLatest } from './leftovers.ts';

/** Where Debian and most others have the programs that change the list of users. */
const USERADD = '/usr/sbin/useradd';
const USERDEL = '/usr/sbin/userdel';

/** Why tests that need users of their own are skipped here; undefined if they can run. */
export const noSystemUsers: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can make users'
    : existsSync(USERADD)
      ? undefined
      : `${USERADD} is not installed (Debian: passwd)`;

/** A user that is there until `remove`. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly password: string;
  /** Empty at first, mode 0700. */
  readonly home: string;
  /** Writes a file of the user's own below the home, making its folders; a relative path, and the mode, 0600 by default. */
  write(path: string, text: string, mode?: number): string;
  /** Takes the user and the home away. The user's processes should have ended. */
  remove(): void;
}

/** How the user is to be. */
export interface SystemUserOptions {
  /** Absolute path of the login shell; /bin/sh by default. */
  readonly shell?: string;
}

/** Stands before the id of the process that a user is for, where people have their full name. */
const MADE_FOR = 'rove test of process ';

/** Makes a user. Throws if the system will not. */
export function makeSystemUser(options: SystemUserOptions = {}): SystemUser {
  removeForgotten();
  const name = `rove-${randomBytes(4).toString('hex')}`;
  const password = `secret of ${name}`;
  // The home of its own folder: whoever walks there needs the right to, and a folder of mkdtemp is for its owner only.
  const folder = mkdtempSync(join(tmpdir(), 'rove-user-'));
  chmodSync(folder, 0o755);
  const home = join(folder, name);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
  const words = ['--no-create-home', '--home-dir', home, '--shell', options.shell ?? '/bin/sh', '--password', hash];
  const full = ['--no-log-init', '--user-group', '--comment', `${MADE_FOR}${process.pid}`, ...words, name];
  execFileSync(USERADD, full, { stdio: ['ignore', 'ignore', 'pipe'] });

  const remove = removeAtTheLatest(() => removeUser(name, folder));

  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  const group = Number(execFileSync('id', ['-g', name], { encoding: 'utf8' }));
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, uid, group);
  return {
    name,
    uid,
    password,
    home,
    write(path, text, mode = 0o600) {
      const file = join(home, path);
      for (const above of foldersBetween(home, dirname(file))) {
        mkdirSync(above, { mode: 0o700 });
        chownSync(above, uid, group);
      }
      writeFileSync(file, text, { mode });
      chmodSync(file, mode);
      chownSync(file, uid, group);
      return file;
    },
    remove,
  };
}

function removeUser(name: string, folder: string): void {
  // Forced: a session that is just ending still counts as a login.
  execFileSync(USERDEL, ['--force', name], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}

/** Users of runs that were killed. */
function removeForgotten(): void {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , , , full = '', home = ''] = line.split(':');
    if (!/^rove-[0-9a-f]{8}$/.test(name) || !full.startsWith(MADE_FOR)) continue;
    if (isAlive(Number(full.slice(MADE_FOR.length)))) continue;
    try {
      removeUser(name, dirname(home));
    } catch {
      // Another test was quicker.
    }
  }
}

/** The folders below `top` on the way to `folder` that are not there yet, from the top. */
function foldersBetween(top: string, folder: string): string[] {
  return folder === top || existsSync(folder) ? [] : [...foldersBetween(top, dirname(folder)), folder];
}
