/** A whole session whose terminal answers: what the server learns of it, and what its programs do not. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../../client/session.ts';
import type { ClipboardPermission } from '../../../client/terminal/clipboard.ts';
import { ShellClient } from '../../../protocol/session/shell-client.ts';
import { systemRandom } from '../../crypto/random.ts';
import { EchoServer } from '../echo-server.ts';
import { VirtualTerminal } from '../virtual-terminal.ts';
import { answersTo, type KnownAnswers, TERMINALS } from './terminals.ts';

const SIZE = { cols: 60, rows: 10 };

/** A terminal that answers as a known one does, and has a clipboard. */
class AnsweringTerminal extends VirtualTerminal {
  readonly written: string[] = [];
  clipboard = '';
  #known: KnownAnswers | undefined;

  constructor(known: KnownAnswers | undefined) {
    super(SIZE.cols, SIZE.rows);
    this.#known = known;
  }

  override write(bytes: Uint8Array): boolean {
    const text = Buffer.from(bytes).toString();
    this.written.push(text);
    if (this.#known !== undefined) for (const answer of answersTo(text, this.#known)) this.type(answer);
    if (text.includes('\x1b]52;c;?')) {
      this.type(`\x1b]52;c;${Buffer.from(this.clipboard).toString('base64')}\x1b\\`);
    }
    return this.show(bytes);
  }
}

const running: { readonly session: Session; readonly server: EchoServer }[] = [];

afterEach(async () => {
  for (const { session, server } of running.splice(0)) {
    session.leave();
    session.leave();
    await session.ended;
    server.stop();
  }
});

async function start(
  name: string,
  clipboard: ClipboardPermission = 'write',
): Promise<{ server: EchoServer; terminal: AnsweringTerminal; session: Session }> {
  const shared = { connectionId: systemRandom(8), secret: systemRandom(32), ...SIZE };
  const server = await EchoServer.start({ ...shared, secret: shared.secret.slice() });
  const known = TERMINALS[name];
  const terminal = new AnsweringTerminal(known);
  const session = new Session({
    core: (now, paths) => new ShellClient({ ...shared, now, paths, random: systemRandom }),
    addresses: ['127.0.0.1'],
    port: server.port,
    host: 'server.example',
    terminal,
    initialSize: SIZE,
    environment: known?.environment ?? { TERM: 'xterm-256color' },
    terminfo: undefined,
    clipboard,
    predict: 'never',
    status: false,
    escape: '~',
    clock: { now: () => performance.now(), wall: () => Date.now() },
    suspend: () => undefined,
  });
  running.push({ session, server });
  return { server, terminal, session };
}

function until(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { interval: 2, timeout: 20_000 });
}

describe('a session', () => {
  test('tells the server what its terminal is, and its programs nothing of the answers', async () => {
    const { server, terminal } = await start('kitty');
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    terminal.type('x');
    await until(() => expect(server.typed).toBe('x'));
    expect(server.facts).toHaveLength(1);
    expect(server.facts[0]).toMatchObject({
      widths: { graphemes: true, emojiPresentation: true, ambiguousWide: false },
      foreground: 0xd3d7cf,
      background: 0,
      cellWidth: 16,
      cellHeight: 30,
      keyboard: true,
      clipboardReading: false,
    });
  });

  test('draws on a terminal that answers nothing, and lets its keys through', async () => {
    const { server, terminal } = await start('none');
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    terminal.type('\x1b');
    terminal.type('[A');
    await until(() => expect(server.typed).toBe('\x1b[A'));
    expect(server.facts).toEqual([]);
  });

  test('tells the size of a cell again when the window has another one', async () => {
    const { server, terminal } = await start('Alacritty');
    await until(() => expect(server.facts).toHaveLength(1));
    terminal.resize(100, 10);
    await until(() => expect(server.facts.at(-1)?.cellWidth).toBe(8));
    expect(server.facts).toHaveLength(2);
  });

  test('hands the clipboard to a program that asks for it, if the user lets it', async () => {
    const { server, terminal } = await start('kitty', 'read-write');
    terminal.clipboard = 'secret';
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    await until(() => expect(server.facts[0]?.clipboardReading).toBe(true));
    server.print('\x1b]52;c;?\x07');
    await until(() => expect(server.typed).toBe('\x1b]52;c;c2VjcmV0\x1b\\'));
  });

  test.each(['write', 'off'] as const)('never asks for the clipboard with --clipboard=%s', async (clipboard) => {
    const { server, terminal } = await start('kitty', clipboard);
    await until(() => expect(server.facts[0]?.clipboardReading).toBe(false));
    server.print('\x1b]52;c;?\x07$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    expect(terminal.written.join('')).not.toContain('\x1b]52;c;?');
    expect(server.typed).toBe('');
  });

  test('does not give the terminal back while it may be about to answer', async () => {
    const { server, terminal, session } = await start('none');
    await until(() => expect(server.clientPorts.size).toBe(1));
    server.end(0);
    await until(() => expect(session.core.ended).toBeDefined());
    expect(terminal.closed).toBe(0);
    terminal.type('\x1b[?62c');
    expect(await session.ended).toEqual({ kind: 'ended', status: 0, reason: '' });
  });
});
