/**
 * The built-in way over ssh: one connection, one command without a pty, one line in, one answer out, and gone. The steps are those of
 * RFC 4253, 4252 and 4254 as `ssh2` does them; what is added here is whom to trust, what to say when it fails, and that nothing waits
 * without need.
 */

import type { Socket } from 'node:net';
import type { Client, ClientErrorExtensions } from 'ssh2';
import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { warmUp } from '../../protocol/crypto/agreement.ts';
import { RemoteOutput } from '../bootstrap/remote-output.ts';
import { lineOf, type RequestLine } from '../bootstrap/request-line.ts';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import { Authentication } from './auth/authentication.ts';
import { LibraryAttempts } from './auth/library-attempts.ts';
import { dial } from './dial.ts';
import { HostKeyCheck } from './host-keys/host-key-check.ts';
import type { Prompter } from './prompter.ts';
import type { Settings } from './settings.ts';
import { loadSsh2 } from './ssh2-library.ts';

/** The answer, and the address that ssh reached. */
export interface Reached {
  readonly answer: SessionAnswer;
  readonly address: string;
}

/**
 * After the handshake, a server that says nothing for this long while no question stands at the user is taken for dead, in ms. Long,
 * because some servers wait for a confirmation on the user's phone without a word.
 */
const SILENCE_MAX_MS = 120_000;

/** How long the last output of a command that has ended may take, in ms. */
const LAST_OUTPUT_MS = 1000;

/** Longest banner shown, in characters. */
const BANNER_LENGTH_MAX = 4096;

/** Logs in and runs `server connect`, where `server` is a command line of the remote shell. Throws `UserError`. */
export async function runEmbeddedSsh(options: {
  readonly login: Settings;
  readonly server: string;
  readonly request: RequestLine;
  readonly prompter: Prompter;
  /** Tells what happens, for `-v`; undefined: nobody wants to know. */
  readonly trace: ((line: string) => void) | undefined;
  /** Tells every step of the protocol, for `-vv`. */
  readonly debug?: ((line: string) => void) | undefined;
}): Promise<Reached> {
  const { login, request, trace, debug } = options;
  const dialing = dial(login);
  dialing.catch(() => undefined);
  const patience = new Patience(options.prompter);
  const hostKeys = new HostKeyCheck(login.host, login.port, login.hostKeys, patience.prompter);
  const ssh2 = await loadSsh2();
  const socket = await dialing;
  const address = socket.remoteAddress ?? login.host;
  trace?.(`connected to ${address} port ${login.port}`);
  const serverHostKey = await hostKeys.algorithms();
  const output = new RemoteOutput(login.label, options.server);

  return await new Promise<Reached>((resolve, reject) => {
    const client = new ssh2.Client();
    let settled = false;
    const settle = (outcome: SessionAnswer | UserError): void => {
      if (settled) return;
      settled = true;
      patience.end();
      hangUp(client, socket);
      if (outcome instanceof UserError) reject(outcome);
      else resolve({ answer: outcome, address });
    };
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        settle(error instanceof UserError ? error : new UserError(`ssh: ${message(error)}`, { cause: error }));
      }
    };
    const authentication = new Authentication(ssh2, login, patience.prompter, settle);
    const attempts = new LibraryAttempts(ssh2, authentication, settle);
    let progress: Progress = 'handshake';

    patience.begin(login.timeoutMs, () =>
      settle(
        new UserError(
          `${login.label} accepted the connection but does not answer as an ssh server: is the port right (-p)?`,
        ),
      ),
    );
    client.on('handshake', (negotiated) => {
      trace?.(`key exchange ${negotiated.kex}, host key ${negotiated.serverHostKey}, cipher ${negotiated.cs.cipher}`);
      progress = 'authentication';
      patience.begin(SILENCE_MAX_MS, () => settle(new UserError(`${login.label} has stopped answering: try again`)));
    });
    client.on('banner', (banner) => {
      for (const line of printable(banner, { lengthMax: BANNER_LENGTH_MAX, lines: true }).trimEnd().split('\n')) {
        options.prompter.tell(line);
      }
    });
    client.on('change password', () => {
      settle(new UserError(`the password on ${login.label} has expired: change it with ssh first`));
    });
    client.on('error', (error: Error & ClientErrorExtensions) => {
      trace?.(`ssh: ${error.level ?? 'error'}: ${error.message}`);
      // One key of the agent failed to sign: the next is tried.
      if (error.level === 'agent') return;
      settle(new UserError(explain(error, progress, login, authentication), { cause: error }));
    });
    const onClose = (): void => settle(closed(progress, login, output, authentication));
    client.on('close', onClose);
    // A server may hang up before ssh2 listens.
    if (socket.destroyed) return onClose();
    client.on('ready', () => {
      authentication.succeeded();
      trace?.('logged in');
      progress = 'command';
      client.exec(`${options.server} connect`, (error, channel) => {
        if (error !== undefined) {
          settle(
            new UserError(
              `${login.label} does not let ${login.user} run commands: ${printable(error.message, { lengthMax: 200 })}`,
            ),
          );
          return;
        }
        // Not before the command is confirmed: OpenSSH's sshd opens the channel's window only then.
        channel.write(lineOf(request));
        // A server that starts takes longer than this, and the answer is then read at once.
        setImmediate(warmUp);
        let exit = { code: undefined, signal: undefined } as { code: number | undefined; signal: string | undefined };
        channel.on('data', (bytes: Uint8Array) =>
          attempt(() => {
            const answer = output.output(bytes);
            if (answer !== undefined) settle(answer);
          }),
        );
        channel.stderr.on('data', (bytes: Uint8Array) => output.error(bytes));
        channel.on('exit', (code: number | null, signal?: string) => {
          trace?.(`the remote command has ended: ${code ?? signal}`);
          exit = { code: code ?? undefined, signal };
          setTimeout(() => settle(output.failure(exit)), LAST_OUTPUT_MS).unref();
        });
        channel.on('close', () => settle(output.failure(exit)));
      });
      // The keys are made while the other side starts the command.
      setImmediate(() => attempt(() => void (settled || lineOf(request))));
    });

    attempt(() =>
      client.connect({
        sock: socket,
        username: login.user,
        readyTimeout: 0,
        keepaliveInterval: 0,
        algorithms: { serverHostKey },
        ...(debug === undefined ? {} : { debug: (line: string) => debug(printable(line, { lengthMax: 500 })) }),
        hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
          hostKeys.check(key, address).then(
            () => settled || verify(true),
            (error: unknown) => {
              settle(error instanceof UserError ? error : new UserError(message(error), { cause: error }));
            },
          );
        },
        authHandler: (left, partial, next) => {
          attempts.next(left, partial).then(
            (method) => {
              if (settled) return;
              if (method === false) settle(new UserError(authentication.describeFailure()));
              else attempt(() => next(method));
            },
            (error: unknown) => {
              settle(error instanceof UserError ? error : new UserError(message(error), { cause: error }));
            },
          );
        },
      }),
    );
    // After ssh2 has, or the first bytes would come here alone.
    socket.on('data', () => patience.heard());
  });
}

type Progress = 'handshake' | 'authentication' | 'command';

/** Ends the connection politely and at once: nothing of the process waits for the other side. */
function hangUp(client: Client, socket: Socket): void {
  client.on('error', () => undefined);
  client.end();
  socket.destroySoon();
  socket.unref();
}

function explain(
  error: Error & ClientErrorExtensions,
  progress: Progress,
  login: Settings,
  authentication: Authentication,
): string {
  const said = printable(error.message, { lengthMax: 300 });
  if (/too many authentication failures/i.test(said)) {
    return `${login.label} grants no more tries: ${authentication.describeFailure()} and set IdentitiesOnly for this host`;
  }
  if (error.level === 'client-authentication') return authentication.describeFailure();
  if (/no matching/i.test(said)) {
    return `the built-in ssh and ${login.label} have no algorithm in common (${said}): use the system's ssh, --ssh=ssh`;
  }
  if (progress === 'handshake') return `the ssh handshake with ${login.label} failed: ${said}`;
  return `the ssh connection to ${login.label} was lost: ${said}`;
}

function closed(progress: Progress, login: Settings, output: RemoteOutput, authentication: Authentication): UserError {
  switch (progress) {
    case 'handshake':
      return new UserError(
        `${login.label} closed the connection during the ssh handshake: does it allow this address?`,
      );
    case 'authentication':
      return new UserError(`${login.label} closed the connection: ${authentication.describeFailure()}`);
    case 'command':
      return output.failure({ code: undefined, signal: undefined });
  }
}

function message(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), { lengthMax: 300 });
}

/** How long to wait for a silent server; the time in which the user is being asked something does not count. */
class Patience {
  /** The prompter to ask through, so that its questions stop the clock. */
  readonly prompter: Prompter;
  #timer: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #onEnd: () => void = () => undefined;
  #questions = 0;

  constructor(prompter: Prompter) {
    this.prompter = {
      tell: (line) => prompter.tell(line),
      ask: async (question, options) => {
        this.#questions++;
        clearTimeout(this.#timer);
        try {
          return await prompter.ask(question, options);
        } finally {
          this.#questions--;
          this.heard();
        }
      },
    };
  }

  begin(limitMs: number, onEnd: () => void): void {
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    if (this.#questions > 0 || this.#limitMs === 0) return;
    this.#timer = setTimeout(this.#onEnd, this.#limitMs);
  }

  end(): void {
    this.#limitMs = 0;
    clearTimeout(this.#timer);
  }
}
