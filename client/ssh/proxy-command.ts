/**
 * A program in place of TCP (ssh_config(5), ProxyCommand): its standard input and output are the way to the host, what it says on standard
 * error is the user's to read. It is run as ssh runs it: by the user's shell, which it takes the place of.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { UserError } from '../user-error.ts';

/** The way through a program, which ends with it. */
export interface ProxyStream {
  readonly stream: Duplex;
  /** Why the way has ended, once the program has by itself. */
  whyEnded(): UserError | undefined;
}

/** Starts `command`; `label` is what to call the host. Rejects with `UserError` if there is no shell to run it. */
export function startProxy(command: string, label: string): Promise<ProxyStream> {
  const shell = process.env.SHELL || '/bin/sh';
  const child = spawn(shell, ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  let ended: UserError | undefined;
  child.once('exit', (code, signal) => {
    const how = signal === null ? `with status ${code}` : `by ${signal}`;
    ended = new UserError(
      `the proxy command for ${label} ended ${how}: see what it said above, or try it by hand: ${command}`,
    );
  });
  return new Promise((done, fail) => {
    child.once('error', (cause) => {
      fail(new UserError(`cannot run the proxy command for ${label}: ${shell}: ${cause.message}`, { cause }));
    });
    child.once('spawn', () => done({ stream: streamOf(child), whyEnded: () => ended }));
  });
}

function streamOf(child: ChildProcess): Duplex {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the proxy command was started without pipes');
  const stream = new Duplex({
    read: () => void stdout.resume(),
    write: (bytes: Buffer, _encoding, done) => {
      if (stdin.write(bytes) || stdin.destroyed) done();
      else stdin.once('drain', done);
    },
    final: (done) => {
      stdin.end();
      done();
    },
    destroy: (error, done) => {
      stdin.destroy();
      stdout.destroy();
      // As ssh ends it. Node waits for it, so that it leaves no zombie; nothing of ours does.
      child.kill('SIGHUP');
      child.unref();
      done(error);
    },
  });
  stdout.on('data', (bytes: Buffer) => {
    if (!stream.push(bytes)) stdout.pause();
  });
  // Only when all of it has been read and the exit is known, so that the reason is there.
  child.once('close', () => stream.push(null));
  stdin.on('error', () => stream.end());
  stdin.once('close', () => stdin.emit('drain'));
  stream.on('error', () => undefined);
  return stream;
}
