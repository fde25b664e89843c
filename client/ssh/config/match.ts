/** `Match` of ssh_config(5): the criteria of a line, and whether they hold at this point of reading. */

import { spawnSync } from 'node:child_process';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces, userInfo } from 'node:os';
import { matchesList } from '../patterns.ts';
import { BadLine, firstWord } from './words.ts';

/** What criteria are held against. */
export interface Subject {
  /** The host's name as it is known by now. */
  readonly host: string;
  /** As typed. */
  readonly original: string;
  /** The user over there, as far as it is known by now. */
  readonly user: string;
  /** Tag, empty without one. */
  readonly tag: string;
  /** The second reading, after the name was made canonical. */
  readonly isFinal: boolean;
  /** Replaces the tokens of a command. */
  readonly expand: (command: string) => string;
  /** A second reading is asked for. */
  readonly wantFinal: () => void;
}

/** A command that decides nothing in this time holds up the login, in ms. */
const COMMAND_MS = 60_000;

/** Whether the criteria in `rest` hold. `isReached`: commands may be run. Throws `BadLine`. */
export function matches(rest: string, subject: Subject, isReached: boolean): boolean {
  let result = isReached;
  let criteria = 0;
  for (let left = rest; left !== '' && !left.startsWith('#'); ) {
    let { word, rest: after } = firstWord(left);
    if (word === '') break;
    const isNegated = word.startsWith('!');
    if (isNegated) word = word.slice(1);
    const name = word.toLowerCase();
    if (name === 'all') {
      if (criteria > 1 || (after !== '' && !after.startsWith('#'))) {
        throw new BadLine("'all' cannot be combined with other Match attributes");
      }
      return result && !isNegated;
    }
    criteria++;
    if (name === 'final' || name === 'canonical') {
      if (name === 'final') subject.wantFinal();
      if (subject.isFinal === isNegated) result = false;
      left = after;
      continue;
    }
    const argument = firstWord(after);
    if (after === '' || argument.word === '' || after.startsWith('#')) {
      throw new BadLine(`Missing Match criteria for ${word}`);
    }
    ({ rest: after } = argument);
    if (holds(name, argument.word, subject, result) === isNegated) result = false;
    left = after;
  }
  if (criteria === 0) throw new BadLine('One or more attributes required for Match');
  return result;
}

function holds(name: string, value: string, subject: Subject, isReached: boolean): boolean {
  switch (name) {
    case 'host':
      return matchesList(value.toLowerCase(), subject.host.toLowerCase());
    case 'originalhost':
      return matchesList(value.toLowerCase(), subject.original.toLowerCase());
    case 'user':
      return matchesList(value, subject.user);
    case 'localuser':
      return matchesList(value, userInfo().username);
    case 'exec':
      return isReached && succeeds(subject.expand(value));
    case 'tagged':
      return matchesList(value, subject.tag);
    case 'localnetwork':
      return isOnNetwork(value);
    case 'sessiontype':
    case 'command':
    case 'version':
      throw new BadLine(`Match ${name} is not known here: name the hosts instead, or give another file with -F`);
    default:
      throw new BadLine(`Unsupported Match attribute ${name}`);
  }
}

/** As ssh does it: by the user's shell, which has nothing to read and whose output goes nowhere. */
function succeeds(command: string): boolean {
  const shell = process.env.SHELL || '/bin/sh';
  const { status } = spawnSync(shell, ['-c', command], { stdio: 'ignore', timeout: COMMAND_MS });
  return status === 0;
}

/** Whether an interface of this machine has an address in one of the networks, `10.0.0.0/8,fd00::/8`. Throws `BadLine`. */
function isOnNetwork(networks: string): boolean {
  const list = new BlockList();
  for (const network of networks.split(',')) {
    const [, address = '', bits = ''] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    const version = isIP(address);
    const bitsMax = version === 6 ? 128 : 32;
    const length = bits === '' ? bitsMax : Number(bits);
    if (version === 0 || length > bitsMax) throw new BadLine(`Match localnetwork: "${network}" is no network`);
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ address, family }) => list.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4'));
}
