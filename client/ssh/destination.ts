/**
 * The word that names a machine: `host`, `user@host` or `ssh://[user@]host[:port]`, as ssh reads it. The user's part may hold an
 * `@` itself (`me@corp.example@gateway`), so the last one divides.
 */

/** The parts of a destination; the user and the port only if they were given. */
export interface Destination {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** Undefined if `text` names no machine. */
export function parseDestination(text: string): Destination | undefined {
  if (!text.startsWith('ssh://')) return check(text, undefined);
  const authority = text.slice('ssh://'.length).replace(/\/$/, '');
  const [, name, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  // Only the user's part may be percent-encoded.
  if (name === undefined || name.slice(name.lastIndexOf('@') + 1).includes('%')) return undefined;
  const plain = decoded(name);
  if (plain === undefined) return undefined;
  if (port === undefined) return check(plain, undefined);
  const number = Number(port);
  return number >= 1 && number <= 65535 ? check(plain, number) : undefined;
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function check(name: string, port: number | undefined): Destination | undefined {
  const at = name.lastIndexOf('@');
  const user = at < 0 ? undefined : name.slice(0, at);
  const host = name.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  // Such names would be options or words of a shell to a program that gets them (as in ssh's own check).
  if (!/^[^-\s'"`$\\;&<>|(){}/][^\s'"`$\\;&<>|(){}/]*$/.test(host)) return undefined;
  if (user !== undefined && !/^[^-'"`;&<>|(){}\p{Cc}][^'"`;&<>|(){}\p{Cc}]*$/u.test(user)) return undefined;
  return { host, user, port };
}
