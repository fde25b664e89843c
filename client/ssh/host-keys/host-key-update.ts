/**
 * UpdateHostKeys (ssh_config(5)): after the login a host tells all of its keys (`hostkeys-00@openssh.com`, OpenSSH's PROTOCOL §2.5). Those that
 * are new are recorded beside the one that it was trusted by, those that it has no longer are taken out, so that a host can change
 * its keys without a warning. Here it is decided what to change, and changed; as in ssh, where the user's lines say more than "this host
 * has this key" nothing is touched.
 */

import { fingerprintOf, labelOf, typeOf } from './host-key.ts';
import { placeOf } from './host-key-words.ts';
import { entriesFor, holds, isHashed, type KnownHost, knownHostLines, parseKnownHosts } from './known-hosts.ts';
import { appendKnownHosts, rewriteKnownHosts } from './known-hosts-file.ts';

/** What is to be decided about. */
export interface UpdateQuestion {
  /** All lines of the user's files. */
  readonly entries: readonly KnownHost[];
  /** What the host goes by, and its address if that is recorded, too. */
  readonly name: string;
  readonly addressName: string | undefined;
  /** All keys the host says it has. */
  readonly offered: readonly Uint8Array[];
  /** Those of them that it has shown to hold. */
  readonly proven: readonly Uint8Array[];
  /** The types that it could have offered: keys of others stay. */
  readonly types: readonly string[];
}

/** What is to change. */
export interface Change {
  readonly kind: 'change';
  readonly add: readonly Uint8Array[];
  readonly remove: readonly KnownHost[];
}

/** Where it is to change. */
export interface ChangeOptions {
  readonly name: string;
  readonly addressName: string | undefined;
  /** The user's; new lines go to the first. */
  readonly files: readonly string[];
  readonly hashed: boolean;
}

/** Decides it. */
export function planUpdate(question: UpdateQuestion): Change | { readonly kind: 'leave'; readonly why: string } {
  const { entries, name, addressName, offered, proven, types } = question;
  const names = addressName === undefined ? [name] : [name, addressName];
  const ofHost = new Set(names.flatMap((each) => entriesFor(entries, each)));
  const ofOthers = entries.filter((entry) => !ofHost.has(entry));
  const isOffered = (entry: KnownHost): boolean => offered.some((key) => holds(entry, key));

  const remove = [...ofHost].filter((entry) => !isOffered(entry) && types.includes(entry.keyType));
  const add = proven.filter((key) => ![...ofHost].some((entry) => holds(entry, key)));
  if (remove.length === 0 && add.length === 0) return leave('the host has no other keys than those that are known');
  if ([...ofHost].some((entry) => entry.marker !== 'none')) return leave('there are marked lines for the host');
  if ([...ofHost].some((entry) => isComplex(entry, names)))
    return leave('a line for the host holds other names or patterns');
  const elsewhere = ofOthers.find((entry) => isOffered(entry) || remove.some((gone) => gone.key === entry.key));
  if (elsewhere !== undefined) {
    return leave(`a key of the host is known by other names, too (${elsewhere.file}:${elsewhere.line})`);
  }
  return { kind: 'change', add, remove };
}

/** A line for each change, as people know them from ssh. */
export function describeChange({ add, remove }: Change): string[] {
  return [
    ...add.map((key) => `Learned new hostkey: ${labelOf(typeOf(key))} ${fingerprintOf(key)}`),
    ...remove.map((entry) => `Deprecating obsolete hostkey: ${labelOf(entry.keyType)} in ${placeOf(entry)}`),
  ];
}

/** Does it. Rejects if a file cannot be written. */
export async function applyChange({ add, remove }: Change, options: ChangeOptions): Promise<void> {
  const { name, addressName, files, hashed } = options;
  const names = addressName === undefined ? [name] : [name, addressName];
  const added = add.map((key) => knownHostLines(names, key, hashed)).join('');
  // The new ones first: between the two steps both are known, never neither.
  if (added !== '' && files[0] !== undefined) await appendKnownHosts(files[0], added);
  for (const file of files) {
    const gone = remove.filter((entry) => entry.file === file);
    if (gone.length > 0) await rewriteKnownHosts(file, (text) => withoutLines(text, gone));
  }
}

/** `text` without the lines of `gone`, wherever in it they stand by now; all others stay as they are, whatever they are. */
function withoutLines(text: string, gone: readonly KnownHost[]): string {
  const isGone = (entry: KnownHost): boolean =>
    gone.some(
      (other) =>
        entry.marker === other.marker && entry.key === other.key && `${entry.patterns}` === `${other.patterns}`,
    );
  const goneEntries = parseKnownHosts(text, '').filter(isGone);
  const numbers = new Set(goneEntries.map((entry) => entry.line));
  const lines = text.split('\n');
  return lines.filter((_, index) => !numbers.has(index + 1)).join('\n');
}

/** Whether a line is about more than this host alone: a name and its address may stand together. */
function isComplex(entry: KnownHost, names: readonly string[]): boolean {
  const { patterns } = entry;
  if (isHashed(entry)) return false;
  if (patterns.some((pattern) => /^!|[*?]/.test(pattern)) || patterns.length > 2) return true;
  return names.length === 2 && patterns.length === 2 && !names.every((name) => entriesFor([entry], name).length > 0);
}

function leave(why: string): { readonly kind: 'leave'; readonly why: string } {
  return { kind: 'leave', why };
}
