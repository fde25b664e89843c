/**
 * What the server answers over SSH: one marked piece of text on the standard output of `rove-server connect`.
 *
 *     ROVE-ANSWER 1 <hexadecimal of a JSON object> .
 *
 * A login shell may print anything before it and after it, without even ending its line, so the client looks for the mark
 * wherever it stands; the final dot says that the answer is whole, though it came in pieces. It holds public keys and no
 * secret. See "Bootstrap" in SPEC.md.
 */

import { DecodeError } from '../bytes.ts';
import { CONNECTION_ID_BYTES, PROTOCOL_VERSION } from '../constants.ts';
import { ANSWER_LENGTH } from '../crypto/agreement.ts';
import { addressFamily } from './address.ts';
import { integerOf, matchOf, plainText, programOf, textOf } from './checks.ts';
import { decodeHex, decodeObject, encodeHex, encodeObject, type Members } from './hex-line.ts';

/** Most addresses of the server in an answer. */
export const MAX_ADDRESSES = 8;

/** Longest message of a failure, in characters. */
export const MAX_MESSAGE_LENGTH = 1_000;

/** Longest answer that is looked for, in characters from the mark to the dot. */
export const ANSWER_LINE_MAX = 32 * 1024;

/** Longest path of the control socket, in bytes: what a Unix socket's address holds on all systems. */
const MAX_CONTROL_BYTES = 103;

const MAX_PORT = 65_535;
const CODE = /^[a-z][a-z-]{0,31}$/;

/** A session is there. */
export interface SessionAnswer {
  readonly kind: 'session';
  /** Version of the server program, for messages. */
  readonly program: string;
  /** Names the session in every datagram: CONNECTION_ID_BYTES bytes. */
  readonly connectionId: Uint8Array;
  /** The server's half of the key agreement: ANSWER_LENGTH bytes. */
  readonly answer: Uint8Array;
  /** UDP port of the server. */
  readonly port: number;
  /** Literal IP addresses of the server, at most MAX_ADDRESSES, likeliest first. May be empty. */
  readonly addresses: readonly string[];
  /** Path of a Unix socket on the host where the next session can be asked for, with no program started; missing if there is none. */
  readonly control?: string;
}

/**
 * There is none. Made by the server, or by the reader for an answer that it can't use: 'malformed', or 'older' and 'newer' for that of a
 * server of another version of the protocol.
 */
export interface FailedAnswer {
  readonly kind: 'failed';
  /** For programs: lower-case words with hyphens. */
  readonly code: string;
  /** For the user: one line that says what to do. */
  readonly message: string;
}

export type Answer = SessionAnswer | FailedAnswer;

/** The answer's text, on a line of its own: it begins with a line feed because something may stand before it. */
export function encodeAnswer(answer: Answer): string {
  const members: Members =
    answer.kind === 'session'
      ? { ...answer, connectionId: encodeHex(answer.connectionId), answer: encodeHex(answer.answer) }
      : { ...answer, message: plainText(answer.message, MAX_MESSAGE_LENGTH) };
  answerOf(members);
  return `\nROVE-ANSWER ${PROTOCOL_VERSION} ${encodeObject(members)} .\n`;
}

/** Whether an answer can name `path` as the control socket's. */
export function isControlPath(path: string): boolean {
  try {
    return controlOf(path) === path;
  } catch {
    return false;
  }
}

const MARK = 'ROVE-ANSWER ';
const MAX_VERSION_DIGITS = 5;

/** Where the finder is in what may be an answer: how much of the mark, the version, the hexadecimal, or all but the dot. */
type Progress =
  | { readonly kind: 'mark'; readonly matched: number }
  | { readonly kind: 'version'; readonly digits: string }
  | { readonly kind: 'body'; readonly hex: string }
  | { readonly kind: 'dot'; readonly hex: string };

const NOTHING: Progress = { kind: 'mark', matched: 0 };

/** Finds the answer in the output of a remote command, in whatever pieces it comes. Holds at most ANSWER_LINE_MAX characters. */
export class AnswerFinder {
  #progress: Progress = NOTHING;
  #found: Answer | undefined;

  /** Takes the next piece of output; returns the answer as soon as it is whole, and the same one ever after. */
  push(bytes: Uint8Array): Answer | undefined {
    for (const byte of bytes) {
      if (this.#found !== undefined) break;
      this.#step(String.fromCharCode(byte));
    }
    return this.#found;
  }

  #step(char: string): void {
    const progress = this.#progress;
    switch (progress.kind) {
      case 'mark':
        this.#progress = markAfter(progress.matched, char);
        break;
      case 'version':
        this.#progress = this.#version(progress.digits, char);
        break;
      case 'body':
        this.#progress = bodyAfter(progress.hex, char);
        break;
      case 'dot':
        if (char === '.') this.#found = readAnswer(progress.hex);
        this.#progress = markAfter(0, char);
        break;
    }
  }

  #version(digits: string, char: string): Progress {
    if (char >= '0' && char <= '9' && digits.length < MAX_VERSION_DIGITS)
      return { kind: 'version', digits: digits + char };
    if (char !== ' ' || digits === '' || digits.startsWith('0')) return markAfter(0, char);
    if (Number(digits) === PROTOCOL_VERSION) return { kind: 'body', hex: '' };
    const theirs = Number(digits);
    const code = theirs < PROTOCOL_VERSION ? 'older' : 'newer';
    this.#found = { kind: 'failed', code, message: versionMessage(theirs) };
    return NOTHING;
  }
}

/** Matches the mark. Nothing after it can hold its first letter, so whatever breaks off an answer may only begin another one. */
function markAfter(matched: number, char: string): Progress {
  if (char === MARK[matched]) {
    return matched + 1 === MARK.length ? { kind: 'version', digits: '' } : { kind: 'mark', matched: matched + 1 };
  }
  // The mark's word ends with the letter that it begins with: "ROVE-ANSWEROVE-ANSWER 1 …".
  if (matched === MARK.length - 1) return markAfter(1, char);
  return char === MARK[0] ? { kind: 'mark', matched: 1 } : NOTHING;
}

function bodyAfter(hex: string, char: string): Progress {
  if ((char >= '0' && char <= '9') || (char >= 'a' && char <= 'f')) {
    return hex.length < ANSWER_LINE_MAX ? { kind: 'body', hex: hex + char } : NOTHING;
  }
  return char === ' ' && hex !== '' ? { kind: 'dot', hex } : markAfter(0, char);
}

/** What the client says about a server of another protocol version. */
function versionMessage(theirs: number): string {
  const remedy = theirs > PROTOCOL_VERSION ? 'update rove on this machine' : 'update rove on the server';
  return `The server speaks version ${theirs} of the protocol and this client version ${PROTOCOL_VERSION}: ${remedy}`;
}

/** The answer in `hex`; what can't be read is a failed answer too, because no better one will come. */
function readAnswer(hex: string): Answer {
  try {
    return answerOf(decodeObject(hex, "the server's answer"));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {
      kind: 'failed',
      code: 'malformed',
      message: `${error.message}. Use the same version of rove on both sides`,
    };
  }
}

function answerOf(members: Members): Answer {
  switch (members.kind) {
    case 'session':
      return {
        kind: 'session',
        program: programOf(members.program),
        connectionId: decodeHex(members.connectionId, 'the connection id', CONNECTION_ID_BYTES),
        answer: decodeHex(members.answer, "the server's key", ANSWER_LENGTH),
        port: integerOf(members.port, 'the port', 1, MAX_PORT),
        addresses: addressesOf(members.addresses),
        ...(members.control === undefined ? {} : { control: controlOf(members.control) }),
      };
    case 'failed':
      return {
        kind: 'failed',
        code: matchOf(members.code, 'the code of the failure', CODE),
        message: messageOf(members.message),
      };
    default:
      throw new DecodeError("Cannot read the server's answer: it is of an unknown kind");
  }
}

function controlOf(value: unknown): string {
  const path = textOf(value, 'the path of the control socket', MAX_CONTROL_BYTES);
  if (!path.startsWith('/') || plainText(path, path.length) !== path) {
    throw new DecodeError('Cannot read the path of the control socket: it is not absolute and printable');
  }
  return path;
}

function messageOf(value: unknown): string {
  const message = typeof value === 'string' ? plainText(value, MAX_MESSAGE_LENGTH) : '';
  if (message === '') throw new DecodeError("Cannot read the server's answer: it failed without a message");
  return message;
}

function addressesOf(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_ADDRESSES) {
    throw new DecodeError(`Cannot read the addresses: they are not a list of at most ${MAX_ADDRESSES}`);
  }
  return value.map((address: unknown) => {
    if (typeof address !== 'string' || addressFamily(address) === undefined) {
      throw new DecodeError('Cannot read an address of the server: it is not a literal IP address');
    }
    return address;
  });
}
