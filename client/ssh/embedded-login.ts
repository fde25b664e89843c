/**
 * The login of the built-in ssh: takes one attempt after another from `Authentication`, puts it on the wire (RFC 4252, 4256) and hears
 * the outcome. The first goes out with the request for the service, in the flight that ends the key exchange, and a key with its
 * signature; what was asked of the connection by then follows in the same flight (`embedded-channels.ts`).
 */

import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import type { Attempt, PasswordChange, PublicKeyAttempt } from './auth/attempt.ts';
import type { Channels } from './embedded-channels.ts';
import { encodeString, encodeStrings } from './ssh-string.ts';
import type { Ssh2Internals } from './ssh2-internals.ts';

/** Where the attempts come from. */
export interface AttemptSource {
  /** The next one, or false if none is left; `left` and `partial` are what the server said to the last, null if it was not asked. */
  next(left: readonly string[] | null, partial: boolean | null): Promise<Attempt | false>;
  /** What the server takes for signatures (RFC 8308 §3.1). */
  serverTakes?(algorithms: readonly string[]): void;
  /** The password is right but has expired: the old one and a new one. */
  changePassword?(prompt: string): Promise<PasswordChange>;
  /** One line about a login that came to nothing. */
  describeFailure(): string;
}

/** What a login needs. */
export interface LoginOptions {
  readonly internals: Ssh2Internals;
  readonly authentication: AttemptSource;
  readonly user: string;
  readonly channels: Channels;
  /** Tells what happens, for `-v`. */
  readonly trace: (line: string) => void;
  /** Shows a line of the server's banner. */
  readonly tell: (line: string) => void;
  /** Called when an attempt is on its way. */
  readonly sent: () => void;
  readonly succeed: () => void;
  readonly fail: (error: Error) => void;
  /** The other side broke the protocol: the connection ends. */
  readonly fault: (what: string) => void;
}

/** SSH_MSG_USERAUTH_REQUEST (RFC 4252 §6) */
const USERAUTH_REQUEST = 50;

/** With how many attempts the channels go along: a server notes each that comes to nothing in its log. */
const TRAVELS_MAX = 3;

/** Rounds of questions in one attempt: one-time codes take two or three. */
const ROUNDS_MAX = 32;

/** All banners of a login together, in characters and in lines: more is no notice but noise. */
const BANNER_LENGTH_MAX = 8192;
const BANNER_LINES_MAX = 200;
/** A server that sends this many is not going to stop. */
const BANNERS_MAX = 1000;

/** What the server has not answered yet. */
type Outstanding =
  | { readonly kind: 'none' | 'password' }
  | { readonly kind: 'probe'; readonly attempt: PublicKeyAttempt }
  | { readonly kind: 'publickey' }
  | { readonly kind: 'keyboard-interactive'; readonly attempt: KeyboardInteractive; rounds: number };

type KeyboardInteractive = Extract<Attempt, { type: 'keyboard-interactive' }>;

/** One login. */
export class EmbeddedLogin {
  readonly #options: LoginOptions;
  #outstanding: Outstanding | undefined;
  #travels = 0;
  #banners = 0;
  #bannerLength = 0;
  #bannerLines = 0;
  #over = false;

  constructor(options: LoginOptions) {
    this.#options = options;
    const { internals } = options;
    internals.takeHandlers({
      SERVICE_ACCEPT: () => undefined,
      EXT_INFO: (_, extensions) => {
        const takes = extensions.find(({ name }) => name === 'server-sig-algs')?.algs;
        if (takes !== undefined) options.authentication.serverTakes?.(takes);
      },
      USERAUTH_BANNER: (_, message) => this.#banner(message),
      USERAUTH_SUCCESS: () => this.#succeeded(),
      USERAUTH_FAILURE: (_, left, partial) => this.#refused(left, partial),
      USERAUTH_PK_OK: () => this.#wanted(),
      USERAUTH_INFO_REQUEST: (_, name, instructions, prompts) => this.#asked(name, instructions, prompts),
      USERAUTH_PASSWD_CHANGEREQ: (_, prompt) => this.#passwordExpired(prompt),
    });
  }

  /** Sends the first attempt: when the keys are exchanged and the library has just asked for the service. */
  begin(): void {
    this.#next(null, null);
  }

  /** No attempt is made any more. */
  end(): void {
    this.#over = true;
  }

  #next(left: readonly string[] | null, partial: boolean | null): void {
    const { authentication, fail } = this.#options;
    authentication
      .next(left, partial)
      .then((attempt) => {
        if (this.#over) return;
        if (attempt === false) fail(new UserError(authentication.describeFailure()));
        else this.#try(attempt);
      })
      .catch(this.#failed);
  }

  readonly #failed = (error: unknown): void => {
    if (!this.#over) this.#options.fail(error instanceof Error ? error : new Error(String(error)));
  };

  #try(attempt: Attempt): void {
    const { messages } = this.#options.internals;
    this.#options.trace(
      `trying ${attempt.type === 'signed-key' ? `publickey with ${attempt.algorithm}` : attempt.type}`,
    );
    switch (attempt.type) {
      case 'signed-key':
        if (attempt.probe) this.#probe(attempt);
        else this.#sign(attempt);
        return;
      case 'none':
        this.#outstanding = { kind: 'none' };
        messages.authNone(attempt.username);
        return;
      case 'password':
        this.#outstanding = { kind: 'password' };
        messages.authPassword(attempt.username, attempt.password);
        return;
      case 'keyboard-interactive':
        this.#outstanding = { kind: 'keyboard-interactive', attempt, rounds: 0 };
        messages.authKeyboard(attempt.username);
        return;
      default:
        throw new Error(`there is no way to send ${attempt.type}`);
    }
  }

  #probe(attempt: PublicKeyAttempt): void {
    this.#outstanding = { kind: 'probe', attempt };
    this.#options.internals.sendPublicKeyRequest(publicKeyRequest(attempt, false));
  }

  /** The server would take the key: now it is worth asking the user or the agent for the signature. */
  #wanted(): void {
    const outstanding = this.#outstanding;
    if (outstanding?.kind !== 'probe') {
      this.#options.fault('an answer to a key that was not offered');
      return;
    }
    this.#outstanding = undefined;
    this.#sign(outstanding.attempt);
  }

  #sign(attempt: PublicKeyAttempt): void {
    const { internals, channels } = this.#options;
    const { sessionId } = internals;
    if (sessionId === undefined) throw new Error('there is no session to sign for');
    const request = publicKeyRequest(attempt, true);
    const data = Buffer.concat([encodeString(sessionId), request]);
    attempt
      .sign(data)
      .then(
        (signature) => {
          if (this.#over) return;
          this.#outstanding = { kind: 'publickey' };
          internals.sendPublicKeyRequest(Buffer.concat([request, encodeString(signature)]));
          if (this.#travels++ < TRAVELS_MAX) channels.travelWithLogin();
          this.#options.sent();
        },
        (error: unknown) => {
          if (this.#over) return;
          if (error instanceof UserError) throw error;
          this.#options.trace(`no signature: ${error instanceof Error ? error.message : error}`);
          this.#next(null, null);
        },
      )
      .catch(this.#failed);
  }

  #refused(left: readonly string[], partial: boolean): void {
    if (this.#outstanding === undefined) {
      this.#options.fault('a refusal of nothing');
      return;
    }
    this.#options.trace(
      `${this.#outstanding.kind === 'probe' ? 'publickey' : this.#outstanding.kind} ${partial ? 'is not enough' : 'was refused'}; the server takes ${left.join(', ') || 'nothing'}`,
    );
    this.#outstanding = undefined;
    this.#options.channels.loginRefused();
    this.#next(left, partial);
  }

  #succeeded(): void {
    if (this.#outstanding === undefined || this.#over) {
      this.#options.fault('a login that was not asked for');
      return;
    }
    this.#outstanding = undefined;
    this.#over = true;
    this.#options.succeed();
    this.#options.channels.loginDone();
  }

  #asked(name: string, instructions: string, prompts: readonly { prompt: string; echo: boolean }[]): void {
    const outstanding = this.#outstanding;
    if (outstanding?.kind !== 'keyboard-interactive') {
      this.#options.fault('a question at the wrong time');
      return;
    }
    if (++outstanding.rounds > ROUNDS_MAX) {
      this.#failed(new UserError('the server asks without end: log in with a key instead'));
      return;
    }
    outstanding.attempt.prompt(name, instructions, '', [...prompts], (answers) => {
      if (this.#over || this.#outstanding !== outstanding) return;
      // As many as there were questions (RFC 4256 §3.4), whatever was answered.
      this.#options.internals.messages.authInfoRes(prompts.map((_, at) => answers[at] ?? ''));
    });
  }

  #passwordExpired(prompt: string): void {
    if (this.#outstanding?.kind !== 'password') {
      this.#options.fault('a question at the wrong time');
      return;
    }
    const { authentication, internals, user } = this.#options;
    if (authentication.changePassword === undefined) {
      this.#failed(new UserError('the password has expired: change it with ssh first'));
      return;
    }
    authentication
      .changePassword(prompt)
      .then((change) => {
        if (!this.#over) internals.messages.authPassword(user, change.old, change.new);
      })
      .catch(this.#failed);
  }

  #banner(message: string): void {
    if (++this.#banners > BANNERS_MAX) {
      this.#options.fault('banners without end');
      return;
    }
    if (this.#bannerLength >= BANNER_LENGTH_MAX || this.#bannerLines >= BANNER_LINES_MAX) return;
    const room = BANNER_LENGTH_MAX - this.#bannerLength;
    this.#bannerLength += message.length;
    const text = printable(message.slice(0, room), { lengthMax: room, lines: true });
    const lines = text.trimEnd().split('\n');
    const shown = lines.slice(0, BANNER_LINES_MAX - this.#bannerLines);
    this.#bannerLines += shown.length;
    for (const line of shown) this.#options.tell(line);
    if (message.length > room || shown.length < lines.length)
      this.#options.tell('(the rest of the banner is left out)');
  }
}

/**
 * ```
 * byte 50, string user, string "ssh-connection", string "publickey", boolean signed, string algorithm, string key or certificate
 * ```
 */
function publicKeyRequest(attempt: PublicKeyAttempt, signed: boolean): Buffer {
  return Buffer.concat([
    Uint8Array.of(USERAUTH_REQUEST),
    encodeStrings(attempt.username, 'ssh-connection', 'publickey'),
    Uint8Array.of(signed ? 1 : 0),
    encodeStrings(attempt.algorithm, attempt.blob),
  ]);
}
