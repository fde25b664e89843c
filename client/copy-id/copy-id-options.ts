/** The command line of `rove copy-id`: a few words of its own among those of ssh, which go to the parser that knows them. */

import { COPY_ID_OPTIONS, SSH_OPTIONS } from '../completion/option-table.ts';
import { type LogOptions, parseOptions } from '../options.ts';
import type { RemoteTarget } from '../ssh/target.ts';
import { UsageError } from '../usage-error.ts';

/** What is to be copied, and where. */
export type CopyIdOptions =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'copy';
      readonly target: RemoteTarget;
      /** A key, either half; undefined: the agent's keys, or the newest of the user's. */
      readonly file: string | undefined;
      /** Only say what would be added. */
      readonly dryRun: boolean;
      /** Do not try which keys are let in already. */
      readonly force: boolean;
      readonly log: LogOptions;
    };

/** What `rove copy-id --help` prints. */
export const COPY_ID_USAGE = `rove copy-id: puts a public key on a host, so that it lets you in without a password

usage: rove copy-id [-i FILE] [-n] [-f] [-p PORT] [ssh options] [user@]host

  -i FILE   the key to put there: FILE.pub, or FILE if it ends so; else all keys of your agent,
            or if it has none, the newest ~/.ssh/id*.pub
  -n        say what would be added, and add nothing
  -f        do not try first which keys let you in already (they are never added twice)

It adds to ~/.ssh/authorized_keys over there. All other options are those of rove.
`;

/** Parses the words after `rove copy-id`. Throws `UsageError`. */
export function parseCopyIdOptions(words: readonly string[]): CopyIdOptions {
  const left = [...words];
  const passed: string[] = [];
  let file: string | undefined;
  let dryRun = false;
  let force = false;
  let plain = 0;
  let onlyWords = false;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (onlyWords || !word.startsWith('-') || word === '-') {
      passed.push(word);
      plain++;
    } else if (word === '--') {
      passed.push(word);
      onlyWords = true;
    } else if (word === '--help' || word === '-h' || word === '-?') {
      return { kind: 'help' };
    } else if (word.startsWith('--')) {
      passed.push(word);
    } else {
      for (let at = 1; at < word.length; at++) {
        const name = `-${word.charAt(at)}`;
        if (name === '-n') dryRun = true;
        else if (name === '-f') force = true;
        else if (takesValue(name)) {
          const value = at + 1 < word.length ? word.slice(at + 1) : left.shift();
          if (name !== '-i') passed.push(name, ...(value === undefined ? [] : [value]));
          else if (value === undefined || value === '')
            throw new UsageError('-i needs a file: see rove copy-id --help');
          else if (file !== undefined) throw new UsageError('-i may be given once: copy one key after the other');
          else file = value;
          at = word.length;
        } else passed.push(name);
      }
    }
  }
  if (plain > 1) throw new UsageError('expected one host: see rove copy-id --help');
  const parsed = parseOptions(passed);
  if (parsed.kind !== 'session' || parsed.target === undefined) {
    throw new UsageError('expected a host: rove copy-id [-i FILE] [user@]host');
  }
  return { kind: 'copy', target: parsed.target, file, dryRun, force, log: parsed.log };
}

function takesValue(name: string): boolean {
  const known = [...COPY_ID_OPTIONS, ...SSH_OPTIONS].find((option) => option.name === name);
  return known?.value !== undefined;
}
