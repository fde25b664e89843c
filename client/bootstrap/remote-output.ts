/**
 * What the remote command says, and what it means: the answer is looked for among whatever a login shell prints, and if the command
 * ends without one, this turns its exit status and its last words into the one line that helps.
 */

import { type Answer, AnswerFinder, type FailedAnswer, type SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { DEFAULT_SERVER } from '../install/remote-words.ts';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';

/** How a remote command ended. */
export interface RemoteExit {
  /** Undefined if it was ended by a signal, or the connection was lost. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A shell's status for what is not there. */
const COMMAND_NOT_FOUND = 127;

/** Kept of each of the two outputs for messages, in bytes from the end. */
const TAIL_BYTES = 4096;
/** Shown of them, in characters. */
const SHOWN_LENGTH = 300;
/** Of a signal's name, which is the other side's word (RFC 4254 §6.10). */
const SIGNAL_LENGTH_MAX = 30;
/** A remote command that prints this much and no answer is another program, in bytes. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** The output of one `rove-server connect`. */
export class RemoteOutput {
  readonly #host: string;
  readonly #server: string;
  readonly #finder = new AnswerFinder();
  #outputBytes = 0;
  #refusal: FailedAnswer | undefined;
  #outputTail: Uint8Array = new Uint8Array(0);
  #errorTail: Uint8Array = new Uint8Array(0);

  /** `host` and `server` (the command that starts the server) are for messages. */
  constructor(host: string, server: string) {
    this.#host = host;
    this.#server = server;
  }

  /** Takes standard output. The answer as soon as it is there; throws `UserError` if it says that there is no session. */
  output(bytes: Uint8Array): SessionAnswer | undefined {
    this.#outputBytes += bytes.length;
    this.#outputTail = tail(this.#outputTail, bytes);
    const answer: Answer | undefined = this.#finder.push(bytes);
    if (answer?.kind === 'failed') {
      this.#refusal = answer;
      throw new UserError(answer.message);
    }
    if (answer === undefined && this.#outputBytes > OUTPUT_BYTES_MAX) {
      throw new UserError(
        `${this.#host} prints without end instead of an answer: does its login shell start something? ${this.#lastWords()}`,
      );
    }
    return answer;
  }

  /** Takes standard error. */
  error(bytes: Uint8Array): void {
    this.#errorTail = tail(this.#errorTail, bytes);
  }

  /** The answer that says that there is no session, if that has come. */
  get refusal(): FailedAnswer | undefined {
    return this.#refusal;
  }

  /** Whether the host has no rove-server, as far as its shell knows, or that finds no Node. */
  isMissing(exit: RemoteExit): boolean {
    return exit.code === COMMAND_NOT_FOUND;
  }

  /** Why there is no answer. */
  failure(exit: RemoteExit): UserError {
    const host = this.#host;
    const words = `${text(this.#errorTail)}\n${text(this.#outputTail)}`;
    if (/\bnode['’]?: (?:No such file|not found|command not found)|\benv: ['‘]?node/i.test(words)) {
      return new UserError(
        `there is no Node on ${host} (or not on the PATH of its non-interactive shells): rove-server needs Node 20.19 or newer there`,
      );
    }
    if (/\bnode:internal\/|\bSyntaxError\b|ERR_UNKNOWN_BUILTIN_MODULE/.test(words)) {
      return new UserError(
        `the Node on ${host} cannot run rove-server, which needs 20.19 or newer. ${this.#lastWords()}`,
      );
    }
    if (exit.code === COMMAND_NOT_FOUND) {
      return new UserError(
        this.#server === DEFAULT_SERVER
          ? `rove-server is not installed on ${host} (or not on the PATH of its non-interactive shells): put it there with --install, or say where it is with --server=PATH`
          : `${host} does not find ${this.#server}: correct --server=PATH, or leave it out`,
      );
    }
    if (exit.code === 126) {
      return new UserError(
        `${this.#server} on ${host} may not be executed: check its permissions. ${this.#lastWords()}`,
      );
    }
    if (exit.signal !== undefined) {
      const signal = printable(exit.signal, { lengthMax: SIGNAL_LENGTH_MAX });
      return new UserError(`rove-server on ${host} was ended by ${signal}. ${this.#lastWords()}`);
    }
    if (exit.code === undefined) {
      return new UserError(
        `the connection to ${host} was closed before rove-server had answered: try again. ${this.#lastWords()}`,
      );
    }
    return new UserError(
      exit.code === 0
        ? `${host} ended without starting rove-server: is another command forced for this user or key? ${this.#lastWords()}`
        : `rove-server on ${host} failed with status ${exit.code}. ${this.#lastWords()}`,
    );
  }

  #lastWords(): string {
    const said = [this.#errorTail, this.#outputTail]
      .map((bytes) => text(bytes).trim().split(/\n+/).slice(-3).join(' / '))
      .find((words) => words !== '');
    return said === undefined ? 'It said nothing' : `It said: ${said.slice(-SHOWN_LENGTH)}`;
  }
}

function tail(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(before.length + bytes.length);
  joined.set(before);
  joined.set(bytes, before.length);
  return joined.slice(-TAIL_BYTES);
}

/** Without colours and other sequences of a terminal, and without what is left of them. */
function text(bytes: Uint8Array): string {
  const plain = new TextDecoder()
    .decode(bytes)
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g, '');
  return printable(plain, { lengthMax: TAIL_BYTES, lines: true });
}
