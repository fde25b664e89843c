/**
 * The way over the system's ssh (`--ssh`), for what the built-in one cannot: jump hosts, security keys, Kerberos and all else that an
 * installed ssh does. It asks its questions itself on the terminal; rove gives it the command, the request on standard input, and
 * looks for the answer in its output.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { warmUp } from '../../protocol/crypto/agreement.ts';
import { RemoteOutput } from '../bootstrap/remote-output.ts';
import { lineOf, type RequestLine } from '../bootstrap/request-line.ts';
import { UserError } from '../user-error.ts';
import { splitWords } from './command-line.ts';
import { resolve } from './dial.ts';
import type { RemoteTarget } from './target.ts';

/** ssh's own status for a failure of its own, which it has explained on standard error by then. */
const SSH_FAILED = 255;

/** Finding out where ssh would go must not hold up the session, in ms. */
const LOOKUP_MS = 2000;

/** Runs `command` (the value of `--ssh`) for `target`. `reached` are the addresses that ssh is likely to have gone to, perhaps none. */
export async function runSystemSsh(options: {
  readonly target: RemoteTarget;
  readonly command: string;
  readonly request: RequestLine;
  readonly trace: ((line: string) => void) | undefined;
}): Promise<{ readonly answer: SessionAnswer; readonly reached: readonly string[] }> {
  const { target, trace } = options;
  const [program, ...words] = splitWords(options.command, '--ssh');
  const common = [...words, ...passedOptions(target)];
  const arguments_ = [...common, '-T', target.host, `${target.server} connect`];
  trace?.(`running ${[program, ...arguments_].join(' ')}`);
  const child = spawn(program, arguments_, { stdio: ['pipe', 'pipe', 'inherit'] });
  // Started first, looked up meanwhile: the name is not needed before the answer is.
  const reached = addressesOf(program, common, target);
  const answer = await answerOf(child, program, target, options.request);
  return { answer, reached: await reached };
}

function answerOf(
  child: ChildProcess,
  program: string,
  target: RemoteTarget,
  request: RequestLine,
): Promise<SessionAnswer> {
  const output = new RemoteOutput(target.host, target.server);
  return new Promise((done, fail) => {
    const settle = (outcome: SessionAnswer | UserError): void => {
      if (outcome instanceof UserError) fail(outcome);
      else done(outcome);
      child.stdin?.destroy();
      child.stdout?.destroy();
      child.kill();
      child.unref();
    };
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'there is no such program' : cause.message;
      settle(new UserError(`cannot run ${program}: ${why}; leave out --ssh, or correct it`, { cause }));
    });
    // A command that ends before it has read its input is judged by its status.
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (bytes: Uint8Array) => {
      try {
        const answer = output.output(bytes);
        if (answer !== undefined) settle(answer);
      } catch (error) {
        settle(error instanceof UserError ? error : new UserError(String(error), { cause: error }));
      }
    });
    child.on('close', (code, signal) => {
      settle(
        code === SSH_FAILED
          ? new UserError(`${program} could not log in on ${target.host}: see what it said above`)
          : output.failure({ code: code ?? undefined, signal: signal ?? undefined }),
      );
    });
    child.stdin?.write(lineOf(request));
    // While ssh logs in, so that the answer is then read at once.
    setImmediate(warmUp);
  });
}

/** The options that ssh and rove share. */
function passedOptions(target: RemoteTarget): string[] {
  return [
    ...(target.configFile === undefined ? [] : ['-F', target.configFile]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    ...target.identityFiles.flatMap((file) => ['-i', file]),
    ...(target.family === undefined ? [] : [`-${target.family}`]),
    ...(target.verbosity === 0 ? [] : [`-${'v'.repeat(Math.min(target.verbosity, 3))}`]),
  ];
}

/** Where ssh goes for the target, by its own account (`ssh -G`); none if it goes by way of others or does not say. */
async function addressesOf(program: string, common: readonly string[], target: RemoteTarget): Promise<string[]> {
  const settings = await new Promise<string>((done) => {
    execFile(program, [...common, '-G', target.host], { timeout: LOOKUP_MS }, (error, stdout) => {
      done(error === null ? stdout : '');
    });
  });
  const setting = (name: string): string | undefined => new RegExp(`^${name} (.+)$`, 'm').exec(settings)?.[1];
  const proxied = [setting('proxyjump'), setting('proxycommand')].some(
    (value) => value !== undefined && value !== 'none',
  );
  const host = setting('hostname');
  if (proxied || host === undefined) return [];
  try {
    return await resolve({ host, family: target.family, timeoutMs: LOOKUP_MS });
  } catch {
    return [];
  }
}
