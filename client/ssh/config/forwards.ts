/** The forwards of ssh_config(5) as `ssh -G` prints them. They are read so that a configuration with them is no error; nothing listens yet. */

import type { ReadValue } from './values.ts';
import { BadLine } from './words.ts';

/** One end: a path, or an address with a port. */
interface End {
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

/** `[address:]port` or a path, and where it leads to. */
export const readForward: ReadValue = (words) => {
  const listen = end(words.shift(), false);
  const connect = end(words.shift(), true);
  return [`${shown(listen)} ${shown(connect)}`];
};

/** The same from the other side; without a destination it is a SOCKS proxy. */
export const readRemoteForward: ReadValue = (words) => {
  const listen = end(words.shift(), false, 0);
  return [`${shown(listen)} ${words.length === 0 ? '[socks]:0' : shown(end(words.shift(), true))}`];
};

/** `[address:]port` alone. */
export const readListen: ReadValue = (words) => [shown(end(words.shift(), false))];

function end(word: string | undefined, needsHost: boolean, least = 1): End {
  if (word === undefined || word === '') throw new BadLine('Missing argument.');
  if (word.startsWith('/')) return { address: undefined, port: undefined, path: word };
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]*)\]|([^:/]*))[:/])?(\d{1,5})$/.exec(word) ?? [];
  const address = bracketed ?? plain;
  const port = digits === undefined ? -1 : Number(digits);
  if (port < least || port > 65_535 || (needsHost && (address === undefined || address === ''))) {
    throw new BadLine('Bad forwarding specification.');
  }
  return { address, port, path: undefined };
}

function shown({ address, port, path }: End): string {
  if (path !== undefined) return path;
  return address === undefined ? String(port) : `[${address === '' ? '*' : address}]:${port}`;
}
