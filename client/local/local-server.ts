/**
 * An ssh server inside the client, for `rove` without a host: it listens on loopback, has a host key and a user key that were made a moment
 * ago and that never touch the disk, and runs one command, our own server. So a shell on this machine goes the whole path that one on
 * another machine goes, with nothing to set up.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { AuthContext, ParsedKey, ServerChannel, Session } from 'ssh2';
import type { Ssh2 } from '../ssh/ssh2-library.ts';
import { UserError } from '../user-error.ts';
import { makeKeyPair } from './key-pair.ts';

/** A running server; whoever started it closes it. */
export interface LocalServer {
  readonly port: number;
  /** The one user it knows. */
  readonly user: string;
  /** The host's public key, as ssh sends it. */
  readonly hostKey: Uint8Array;
  /** The private key that it lets in. */
  readonly userKey: ParsedKey;
  /** Stops listening and lets go of the programs that run. */
  close(): void;
}

/** The only address it is reached at. */
export const LOOPBACK = '127.0.0.1';

const USER = 'rove';

/** A shell's status for a program that is not there. */
const COMMAND_NOT_FOUND = 127;

/**
 * Starts one that answers the command `command` with `program`, a program and its arguments. The program is started at once, and waits for
 * its input while the ssh handshake goes on. Throws `UserError`.
 */
export async function startLocalServer(
  ssh2: Ssh2,
  command: string,
  program: readonly [string, ...string[]],
): Promise<LocalServer> {
  const running = run(program);
  let taken = false;
  const take = (): Program | undefined => {
    if (taken) return undefined;
    taken = true;
    return running;
  };
  const host = makeKeyPair(ssh2);
  const user = makeKeyPair(ssh2, { comment: 'the key of this session' });
  const hostKey = parsed(ssh2, host.private);
  const userKey = parsed(ssh2, user.private);
  const server = new ssh2.Server({ hostKeys: [host.private], ident: 'rove' }, (connection) => {
    // Without it each step of the handshake waits out the peer's delayed acknowledgement, 40 ms.
    if ('setNoDelay' in connection && typeof connection.setNoDelay === 'function') connection.setNoDelay(true);
    connection.on('error', () => connection.end());
    connection.on('authentication', (context) => authenticate(context, userKey));
    connection.on('session', (accept) => serve(accept(), command, take));
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) => {
      running.child.kill();
      reject(new UserError(`cannot listen on ${LOOPBACK}: ${cause.message}`, { cause }));
    });
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    user: USER,
    hostKey: hostKey.getPublicSSH(),
    userKey,
    close: () => {
      server.close();
      if (!taken) running.child.kill();
      letGo(running.child);
    },
  };
}

/** Lets in who has the one key (RFC 4252 §7: first the question whether the key would do, then with a signature). */
function authenticate(context: AuthContext, userKey: ParsedKey): void {
  if (admits(context, userKey)) context.accept();
  else context.reject(['publickey']);
}

function admits(context: AuthContext, userKey: ParsedKey): boolean {
  if (context.method !== 'publickey' || context.username !== USER) return false;
  if (!context.key.data.equals(userKey.getPublicSSH())) return false;
  const { blob, signature } = context;
  // `verify` gives an Error for what it cannot read.
  return signature === undefined || (blob !== undefined && userKey.verify(blob, signature) === true);
}

/** Serves a session that does nothing but run the one command, once. */
function serve(session: Session, command: string, take: () => Program | undefined): void {
  session.once('exec', (accept, reject, { command: asked }) => {
    const program = asked === command ? take() : undefined;
    if (program === undefined) reject();
    else wire(accept(), program);
  });
}

function wire(channel: ServerChannel, { child, stdin, stdout, stderr, ended }: Program): void {
  // Either side may be gone before the other: the client hangs up as soon as it has its answer.
  const lost = (): void => letGo(child);
  channel.on('error', lost);
  channel.on('close', lost);
  channel.pipe(stdin);
  stdout.on('data', (bytes: Uint8Array) => channel.write(bytes));
  stderr.on('data', (bytes: Uint8Array) => channel.stderr.write(bytes));
  const read = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.once('end', resolve)));
  void Promise.all([ended, ...read]).then(([exit]) => {
    if (!channel.writable) return;
    if (exit.signal === null) channel.exit(exit.code ?? COMMAND_NOT_FOUND);
    else channel.exit(exit.signal.replace(/^SIG/, ''));
    channel.end();
  });
}

/** The server program, started before it is asked for. What it says before that waits in its outputs. */
interface Program {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Code and signal both null: it could not be started. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts the program as sshd would, in a session of its own and at home. */
function run([program, ...words]: readonly [string, ...string[]]): Program {
  const { SSH_TTY: _, ...env } = process.env;
  const child = spawn(program, words, { cwd: homedir(), env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  // Node throws the output of a child that has ended away, if nobody has read it by then.
  const stdout = child.stdout.pipe(new PassThrough());
  const stderr = child.stderr.pipe(new PassThrough());
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      stderr.write(`${error.message}\n`);
      stderr.end();
      stdout.end();
      resolve({ code: null, signal: null });
    });
  });
  return { child, stdin: child.stdin, stdout, stderr, ended };
}

/** The program goes on without us: it has become the daemon, or passed its request on to it. */
function letGo(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

function parsed(ssh2: Ssh2, key: string): ParsedKey {
  const result = ssh2.utils.parseKey(key);
  if (result instanceof Error) throw new UserError(`cannot use a key just made: ${result.message}`, { cause: result });
  return result;
}
