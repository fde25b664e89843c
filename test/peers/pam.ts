/**
 * Real PAM for a test's sshd: a service of its own under /etc/pam.d, so that passwords and one-time codes are asked for as they are on
 * machines out there, and the machine's own rules are left alone. The codes are Google Authenticator's (RFC 6238): the module
 * everyone has on a telephone, and one with a second round of keyboard-interactive.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isAlive, removeAtTheLatest } from './leftovers.ts';

const SERVICES = '/etc/pam.d';

/** Why tests that need a PAM service are skipped here; undefined if they can run. */
export const noPam: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can make a PAM service'
    : existsSync(SERVICES)
      ? undefined
      : `there is no ${SERVICES} (Debian: libpam-runtime)`;

/** Why tests with one-time codes are skipped here; undefined if they can run. */
export const noOneTimeCodes: string | undefined =
  noPam ??
  (moduleIsThere('pam_google_authenticator.so')
    ? undefined
    : 'pam_google_authenticator.so is not installed (Debian: libpam-google-authenticator)');

/** What a service asks for, in its order: each is a round of keyboard-interactive. */
export type PamQuestion =
  /** "Password: ", the user's own. */
  | { readonly kind: 'password' }
  /** "Verification code: ", for any user. */
  | { readonly kind: 'code'; readonly secret: OneTimeSecret };

/** A service that is there until `remove`. */
export interface PamService {
  readonly name: string;
  remove(): void;
}

/** Makes a service. */
export function makePamService(questions: readonly PamQuestion[]): PamService {
  // Those of runs that were killed.
  for (const found of readdirSync(SERVICES)) {
    const [, pid] = /^rove-test-(\d+)-/.exec(found) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(SERVICES, found), { force: true });
  }
  // Lower case, as PAM looks for no other.
  const name = `rove-test-${process.pid}-${randomBytes(4).toString('hex')}`;
  const file = join(SERVICES, name);
  const lines = questions.map((question) =>
    question.kind === 'password'
      ? 'auth required pam_unix.so nodelay'
      : `auth required pam_google_authenticator.so secret=${question.secret.file} user=root`,
  );
  const rest = ['account required pam_unix.so', 'session required pam_permit.so', ''];
  writeFileSync(file, [...lines, ...(lines.length > 0 ? [] : ['auth required pam_deny.so']), ...rest].join('\n'), {
    mode: 0o644,
    flag: 'wx',
  });
  return { name, remove: removeAtTheLatest(() => rmSync(file, { force: true })) };
}

/** What a user's telephone and the server share. */
export interface OneTimeSecret {
  /** The server's file of it. */
  readonly file: string;
  /** The code that holds now; the server takes it, and its neighbours in time, as often as it comes. */
  code(): string;
  /** A code that does not hold now. */
  wrongCode(): string;
}

/** Makes a secret, its file in `folder`. */
export function makeOneTimeSecret(folder: string): OneTimeSecret {
  const key = randomBytes(20);
  const file = join(folder, `totp-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, `${base32(key)}\n" WINDOW_SIZE 17\n" TOTP_AUTH\n`, { mode: 0o400 });
  const codeAt = (step: number): string => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const digest = createHmac('sha1', key).update(counter).digest();
    const offset = (digest.at(-1) ?? 0) & 15;
    return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  };
  const now = (): number => Math.floor(Date.now() / 30_000);
  return {
    file,
    code: () => codeAt(now()),
    wrongCode() {
      const valid = new Set(Array.from({ length: 21 }, (_, index) => codeAt(now() + index - 10)));
      const tried = Array.from({ length: 22 }, (_, index) => String(index).padStart(6, '0'));
      return tried.find((code) => !valid.has(code)) ?? '';
    },
  };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6, of a length that needs no padding. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five, 2))).join('');
}

function moduleIsThere(name: string): boolean {
  const folders = ['/lib/security', '/usr/lib/security', '/lib64/security', '/usr/lib64/security'];
  return [...folders, '/lib/x86_64-linux-gnu/security', '/lib/aarch64-linux-gnu/security'].some((folder) =>
    existsSync(join(folder, name)),
  );
}
