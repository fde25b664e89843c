/** Certificate authorities for tests, made and used by ssh-keygen(1), in a directory that is removed with all that is in it. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether there is an ssh-keygen to make them. */
export const hasKeygen: boolean = existsSync('/usr/bin/ssh-keygen');

/** A type and a size, as ssh-keygen wants them. */
export const KEY_KINDS = [
  ['ed25519', 256],
  ['ecdsa', 256],
  ['ecdsa', 384],
  ['ecdsa', 521],
  ['rsa', 2048],
] as const;

/** A place for keys and certificates. */
export class KeyRoom {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'rove-keys-'));
  #certificates = 0;

  /** Makes a key and gives the file of its private half, the same file for the same words. */
  key(type: string, bits: number, name = ''): string {
    const file = join(this.directory, `${type}${bits}${name}`);
    if (!existsSync(file)) keygen('-t', type, '-b', `${bits}`, '-N', '', '-C', name, '-f', file);
    return file;
  }

  /** Certifies the key of `subject` by that of `authority` and gives the certificate's file; for a host if nothing else is said. */
  certify(authority: string, subject: string, ...options: string[]): string {
    const number = this.#certificates++;
    // Named by the certified key: ssh-keygen puts the certificate beside it.
    const copy = join(this.directory, `certified${number}`);
    writeFileSync(`${copy}.pub`, readFileSync(`${subject}.pub`));
    const kind = options.includes('--user') ? [] : ['-h'];
    const rest = options.filter((option) => option !== '--user');
    keygen('-s', authority, '-I', `certificate ${number}`, ...kind, ...rest, `${copy}.pub`);
    return `${copy}-cert.pub`;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The key or certificate of a public file, as ssh sends it. */
export function blobOf(file: string): Buffer {
  return Buffer.from(lineOf(file).split(' ')[1] ?? '', 'base64');
}

/** Type and base64 of a public file. */
export function lineOf(file: string): string {
  return readFileSync(file.endsWith('.pub') ? file : `${file}.pub`, 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ')
    .trim();
}

function keygen(...words: readonly string[]): void {
  execFileSync('ssh-keygen', ['-q', ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
}
