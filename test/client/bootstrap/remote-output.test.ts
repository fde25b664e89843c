import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RemoteOutput } from '../../../client/bootstrap/remote-output.ts';
import { UserError } from '../../../client/user-error.ts';
import { encodeAnswer, type SessionAnswer } from '../../../protocol/bootstrap/answer.ts';

const ANSWER: SessionAnswer = {
  kind: 'session',
  program: '0.1.0',
  connectionId: new Uint8Array(8).fill(1),
  answer: new Uint8Array(1120).fill(2),
  port: 60001,
  addresses: ['192.0.2.1'],
};

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function failure(code: number | undefined, stderr: string, stdout = '', server = 'rove-server'): string {
  const output = new RemoteOutput('host', server);
  output.error(bytes(stderr));
  output.output(bytes(stdout));
  return output.failure({ code, signal: undefined }).message;
}

describe('the output of the remote command', () => {
  it('gives the answer out of the noise around it', () => {
    const output = new RemoteOutput('host', 'rove-server');
    expect(output.output(bytes('Welcome!\n\x1b[31mMOTD without an end'))).toBeUndefined();
    expect(output.output(bytes(encodeAnswer(ANSWER)))).toEqual(ANSWER);
  });

  it("throws the server's own message if there is no session", () => {
    const output = new RemoteOutput('host', 'rove-server');
    const refusal = encodeAnswer({ kind: 'failed', code: 'ports', message: 'All ports are taken' });
    expect(() => output.output(bytes(refusal))).toThrow(new UserError('All ports are taken'));
  });

  it.each([
    [127, 'bash: line 1: rove-server: command not found', /not installed on host .*--server=PATH/],
    [127, 'sh: 1: rove-server: not found', /not installed on host/],
    [127, '/usr/bin/env: ‘node’: No such file or directory', /no Node on host/],
    [127, 'env: node: No such file or directory', /no Node on host/],
    [127, 'bash: node: command not found', /no Node on host/],
    [1, 'file:///x.mjs:3\nSyntaxError: Unexpected token', /Node on host cannot run/],
    [126, 'bash: rove-server: Permission denied', /may not be executed/],
    [1, 'rove-server: the disk is full', /status 1. It said: rove-server: the disk is full$/],
    [0, '', /another command forced.*It said nothing/],
    [undefined, '', /closed before rove-server had answered/],
  ])('explains status %s with %j', (code, stderr, expected) => {
    expect(failure(code, stderr)).toMatch(expected);
  });

  it('names the command that was given', () => {
    expect(failure(127, '', '', '/opt/x')).toMatch(/host does not find \/opt\/x: .*--server/);
  });

  it('quotes what was printed, without what would act on the terminal', () => {
    const said = failure(1, '', 'first\r\n\x1b[2J\x1b]0;title\x07This account is \x07not available.\x9b31m\n');
    expect(said).toMatch(/It said: first \/ This account is not available\.31m$/);
  });

  it('is one bounded line of plain characters, whatever was printed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }), (stdout, stderr) => {
        const output = new RemoteOutput('host', 'rove-server');
        output.output(stdout);
        output.error(stderr);
        const { message } = output.failure({ code: 1, signal: undefined });
        expect(message.length).toBeLessThan(400);
        expect(message).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('names the signal that ended the command, as far as it can be printed', () => {
    const output = new RemoteOutput('host', 'rove-server');
    expect(output.failure({ code: undefined, signal: 'SIGKILL' }).message).toMatch(/was ended by SIGKILL\./);
    const { message } = output.failure({ code: undefined, signal: `\x1b]0;title\x07\n${'x'.repeat(5000)}` });
    expect(message).toMatch(/was ended by \]0;title x+…\. It said nothing$/);
    expect(message.length).toBeLessThan(400);
  });

  it('gives up on a program that prints without end', () => {
    const output = new RemoteOutput('host', 'rove-server');
    const piece = new Uint8Array(1024 * 1024).fill(0x79);
    expect(() => {
      for (let count = 0; count < 20; count++) output.output(piece);
    }).toThrow(/prints without end/);
  });
});
