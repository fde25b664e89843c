/**
 * What the client asks the server for, over SSH: one line on the standard input of `rove-server connect`.
 *
 *     rove-request 1 <hexadecimal of a JSON object>
 *
 * Standard input, because arguments show up in the process list and in logs. The number is the version of the protocol; an
 * end that gets another one can say which side is too old. Members that a reader does not know are ignored, so that later
 * versions can add some. See "Bootstrap" in SPEC.md.
 */

import { DecodeError } from '../bytes.ts';
import { PROTOCOL_VERSION } from '../constants.ts';
import { OFFER_LENGTH } from '../crypto/agreement.ts';
import { MAX_SCROLLBACK } from '../history/history-log.ts';
import { MAX_SIDE } from '../screen/screen.ts';
import { integerOf, matchOf, programOf, textOf } from './checks.ts';
import { decodeHex, decodeObject, encodeHex, encodeObject, isObject, type Members } from './hex-line.ts';

/** Longest request line, in characters: two for each byte of JSON. A reader of standard input stops there. */
export const REQUEST_LINE_MAX = 256 * 1024;

/** Longest command, in bytes. Linux gives one argument 128 KiB. */
export const MAX_COMMAND_BYTES = 32 * 1024;

/** Most variables of the environment that a request carries, and the longest value in bytes. */
export const MAX_VARIABLES = 64;
export const MAX_VARIABLE_BYTES = 1024;

/** Longest that a session may be kept without its client, in ms: a century, so that it stays a sensible date. */
const MAX_KEEP_MS = 100 * 366 * 24 * 3_600_000;

const MAX_PORT = 65_535;
const LINE = /^rove-request (\d{1,5}) ([0-9a-f]+)\r?\n?$/;
const TERM = /^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/;
const VARIABLE_NAME = /^[A-Za-z_][0-9A-Za-z_]{0,63}$/;
const PASSED_VARIABLE = /^(?:LANG|LANGUAGE|LC_[A-Z]+|COLORTERM)$/;

/** A wish for one session. */
export interface Request {
  /** Version of the protocol. */
  readonly version: typeof PROTOCOL_VERSION;
  /** Version of the client program, for messages. */
  readonly program: string;
  /** The client's half of the key agreement: OFFER_LENGTH bytes. */
  readonly offer: Uint8Array;
  /** The TERM that the programs on the server get. */
  readonly term: string;
  /** Size of the user's terminal in cells. */
  readonly cols: number;
  readonly rows: number;
  /** Run by the user's shell; a login shell if it is missing. */
  readonly command?: string;
  /** Variables that the client hands on: those of `isPassedVariable`, and what its user asks for. */
  readonly env: Readonly<Record<string, string>>;
  /** UDP ports that the server may bind, both ends included; its default range if missing. */
  readonly udpPort?: { readonly first: number; readonly last: number };
  /** How long the session outlives the client's last sign of life, in ms; for ever if missing. */
  readonly keepMs?: number;
  /** Lines that the server keeps of what has scrolled off; its default if missing. */
  readonly scrollback?: number;
}

/** Whether a variable goes from the client to the session unasked: the locale and the terminal's colours, nothing that steers programs. */
export function isPassedVariable(name: string): boolean {
  return PASSED_VARIABLE.test(name);
}

/** Whether a request can carry a variable of this name. */
export function isVariableName(name: string): boolean {
  return VARIABLE_NAME.test(name);
}

/** The line, with its line feed. Throws a DecodeError with a message for the user when a value is over a limit. */
export function encodeRequest(request: Request): string {
  const { version, offer, ...rest } = request;
  const members: Members = { ...rest, offer: encodeHex(offer) };
  requestOf(members);
  const line = `rove-request ${version} ${encodeObject(members)}\n`;
  if (line.length > REQUEST_LINE_MAX)
    throw new DecodeError('Cannot ask for the session: command and environment are too long');
  return line;
}

/** Reads a request line, with or without its line end. Throws a DecodeError with a message for the user. */
export function decodeRequest(line: string): Request {
  if (line.length > REQUEST_LINE_MAX) throw new DecodeError('Cannot read the request: the line is too long');
  const [, version, hex] = LINE.exec(line) ?? [];
  if (version === undefined || hex === undefined) {
    throw new DecodeError('Cannot read the request: expected a line that begins with "rove-request 1"');
  }
  if (Number(version) !== PROTOCOL_VERSION) throw new DecodeError(versionMessage(Number(version)));
  return requestOf(decodeObject(hex, 'the request'));
}

/** What the server says to a client of another protocol version. */
function versionMessage(theirs: number): string {
  const remedy = theirs > PROTOCOL_VERSION ? 'update rove on the server' : 'update rove on the client';
  return `The client speaks version ${theirs} of the protocol and this server version ${PROTOCOL_VERSION}: ${remedy}`;
}

function requestOf(members: Members): Request {
  const { command, udpPort, keepMs, scrollback } = members;
  return {
    version: PROTOCOL_VERSION,
    program: programOf(members.program),
    offer: decodeHex(members.offer, 'the key offer', OFFER_LENGTH),
    term: matchOf(members.term, 'the terminal type', TERM),
    cols: integerOf(members.cols, 'the width', 1, MAX_SIDE),
    rows: integerOf(members.rows, 'the height', 1, MAX_SIDE),
    env: environmentOf(members.env),
    ...(command === undefined ? {} : { command: textOf(command, 'the command', MAX_COMMAND_BYTES) }),
    ...(udpPort === undefined ? {} : { udpPort: portRangeOf(udpPort) }),
    ...(keepMs === undefined ? {} : { keepMs: integerOf(keepMs, 'the time to keep the session', 1, MAX_KEEP_MS) }),
    ...(scrollback === undefined ? {} : { scrollback: integerOf(scrollback, 'the scrollback', 0, MAX_SCROLLBACK) }),
  };
}

function environmentOf(value: unknown): Record<string, string> {
  if (!isObject(value)) throw new DecodeError('Cannot read the environment: it is not an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_VARIABLES) {
    throw new DecodeError(
      `Cannot read the environment: ${entries.length} variables are over the limit of ${MAX_VARIABLES}`,
    );
  }
  // fromEntries defines members, so that not even a variable called __proto__ means anything else.
  return Object.fromEntries(
    entries.map(([name, text]) => [
      matchOf(name, 'the name of a variable', VARIABLE_NAME),
      textOf(text, `the variable ${name}`, MAX_VARIABLE_BYTES),
    ]),
  );
}

function portRangeOf(value: unknown): { first: number; last: number } {
  if (!isObject(value)) throw new DecodeError('Cannot read the port range: it is not an object');
  const first = integerOf(value.first, 'the first port', 1, MAX_PORT);
  return { first, last: integerOf(value.last, 'the last port', first, MAX_PORT) };
}
