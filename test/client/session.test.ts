/** The client's loop against the real server core over real datagrams on loopback; only the terminal and the clock are the test's. */

import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../../client/log.ts';
import type { PredictMode } from '../../client/predict/visibility.ts';
import { Session, type SessionEnd } from '../../client/session.ts';
import { traceSession } from '../../client/session-trace.ts';
import type { ClipboardPermission } from '../../client/terminal/clipboard.ts';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { systemRandom } from '../crypto/random.ts';
import { EchoServer } from './echo-server.ts';
import { linesOf, VirtualTerminal } from './virtual-terminal.ts';

interface Setting {
  readonly server: EchoServer;
  readonly terminal: VirtualTerminal;
  readonly session: Session;
  /** Lets the client's clocks jump. */
  readonly later: (ms: number) => void;
  /** How often the client has suspended itself. */
  readonly suspensions: () => number;
  /** How often the client has pumped. */
  readonly pumps: () => number;
  readonly end: () => SessionEnd | undefined;
}

const running: Setting[] = [];

afterEach(async () => {
  for (const { server, session } of running.splice(0)) {
    session.leave();
    session.leave();
    await session.ended.catch(() => undefined);
    server.stop();
  }
});

interface Wishes {
  readonly addresses?: readonly string[];
  readonly deaf?: boolean;
  readonly predict?: PredictMode;
  readonly status?: boolean;
  readonly term?: string;
  readonly clipboard?: ClipboardPermission;
}

async function start(options: Wishes = {}): Promise<Setting> {
  const shared = { connectionId: systemRandom(8), secret: systemRandom(32), cols: 60, rows: 10 };
  const server = await EchoServer.start({ ...shared, secret: shared.secret.slice() });
  server.deaf = options.deaf ?? false;
  const terminal = new VirtualTerminal(shared.cols, shared.rows);
  let offset = 0;
  let suspensions = 0;
  let pumps = 0;
  let end: SessionEnd | undefined;
  const session = new Session({
    core: (now, paths) => new ShellClient({ ...shared, now, paths, random: systemRandom }),
    addresses: options.addresses ?? ['127.0.0.1'],
    port: server.port,
    host: 'server.example',
    terminal,
    initialSize: terminal.size,
    environment: { TERM: options.term ?? 'xterm-256color' },
    terminfo: undefined,
    clipboard: options.clipboard ?? 'write',
    predict: options.predict ?? 'never',
    status: options.status ?? false,
    escape: '~',
    clock: {
      now: () => performance.now() + offset,
      // Read once in each pump.
      wall: () => {
        pumps++;
        return Date.now() + offset;
      },
    },
    suspend: () => {
      suspensions++;
    },
  });
  session.ended.then(
    (settled) => {
      end = settled;
    },
    () => undefined,
  );
  const later = (ms: number): void => {
    offset += ms;
    session.pump();
  };
  const setting = {
    server,
    terminal,
    session,
    later,
    suspensions: () => suspensions,
    pumps: () => pumps,
    end: () => end,
  };
  running.push(setting);
  return setting;
}

/** Waits for what the network brings. */
function until(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { interval: 2, timeout: 20_000 });
}

describe('Session', () => {
  test('draws what the program shows and brings it the keys', async () => {
    const { server, terminal } = await start();
    server.print('welcome\r\n$ ');
    await until(() => expect(terminal.lines.slice(0, 2)).toEqual(['welcome', '$']));
    terminal.type('ls -la');
    await until(() => expect(terminal.lines[1]).toBe('$ ls -la'));
    expect(server.typed).toBe('ls -la');
  });

  test('tells the log its path and its counters, as they change', async () => {
    const { server, terminal, session } = await start();
    const lines: string[] = [];
    const trace = traceSession(session, new Log('debug2', (line) => lines.push(line)));
    expect(lines[0]).toBe(`debug1: path 1|127.0.0.1|${server.port}`);
    expect(lines.filter((line) => /^debug2: sent \d+ datagrams/.test(line))).toHaveLength(1);
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    await until(() => expect(lines.filter((line) => /^debug2: sent \d+ datagrams/.test(line))).toHaveLength(2));
    trace.end();
  });

  test.each([false, true])('shows the last screen before it goes, on a terminal that is slow: %s', async (slow) => {
    const { server, terminal, session } = await start();
    server.print('first words');
    await until(() => expect(terminal.lines[0]).toBe('first words'));
    terminal.slow = slow;
    server.print(', more words');
    await until(() => expect(terminal.lines[0]).toBe('first words, more words'));
    // Together: the last screen comes with the news of the end.
    server.emulator.write(new TextEncoder().encode(', last words'));
    server.end(0);
    await session.ended;
    expect(terminal.lines[0]).toBe('first words, more words, last words');
  });

  test('ends with the exit status of the program, the terminal given back', async () => {
    const { server, terminal, session } = await start();
    server.print('bye');
    server.end(7);
    expect(await session.ended).toEqual({ kind: 'ended', status: 7, reason: '' });
    expect(terminal.closed).toBe(1);
    expect(session.core.screen.rows[0]?.cells[0]).toBe('b'.charCodeAt(0));
    await until(() => expect(server.core.phase).toBe('ended'));
  });

  test('tells a new size, shows what it has in it, and then the screen made for it', async () => {
    const { server, terminal } = await start();
    server.print('first line\r\nsecond line');
    await until(() => expect(terminal.lines[1]).toBe('second line'));
    server.deaf = true;
    terminal.resize(5, 4);
    expect(terminal.lines).toEqual(['first', 'secon', '', '']);
    server.deaf = false;
    terminal.resize(20, 3);
    await until(() => expect(server.sizes.at(-1)).toBe('20x3'));
    // The server's screen after both sizes: it cut the line with the cursor, which is the shell's to draw again.
    await until(() => expect(terminal.lines).toEqual(['first line', 'secon', '']));
  });

  test('skips frames while the terminal is slow, and then shows the newest', async () => {
    const { server, terminal } = await start();
    server.print('one');
    await until(() => expect(terminal.lines[0]).toBe('one'));
    terminal.slow = true;
    server.print(' two');
    await until(() => expect(terminal.lines[0]).toBe('one two'));
    const { writes } = terminal;
    server.print(' three');
    server.print(' four');
    const { session } = running[0] ?? {};
    await until(() => expect(session?.core.screen.cursorCol).toBe(18));
    session?.pump();
    expect(terminal.writes).toBe(writes);
    terminal.drain();
    expect(terminal.writes).toBe(writes + 1);
    expect(terminal.lines[0]).toBe('one two three four');
  });

  test('stops reading the terminal while the server takes nothing, and loses none of it', async () => {
    const { server, terminal } = await start();
    server.stuck = true;
    const piece = `${'x'.repeat(64 * 1024 - 1)}\n`;
    let pieces = 0;
    for (; pieces < 100 && !terminal.paused; pieces++) terminal.type(piece);
    expect(terminal.paused).toBe(true);
    expect(pieces).toBeLessThan(20);
    server.stuck = false;
    await until(() => expect(server.typed.length).toBe(pieces * piece.length));
    expect(terminal.paused).toBe(false);
    expect(server.typed).toBe(piece.repeat(pieces));
  });

  test('says how long the server has been silent, until it is back', async () => {
    const { server, terminal, later } = await start();
    server.print('hello');
    await until(() => expect(terminal.lines[0]).toBe('hello'));
    server.deaf = true;
    terminal.type('x');
    expect(terminal.lines[0]).toBe('hello');
    later(3_500);
    expect(terminal.lines[0]).toBe('hello');
    expect(terminal.lines.slice(1).join('\n')).toMatch(/^\n*rove: no answer for 3 s/);
    later(60_000);
    expect(terminal.lines.slice(1).join('\n')).toMatch(/^\n*rove: no answer for 1 min 3 s/);
    server.deaf = false;
    await until(() => expect(terminal.lines[0]).toBe('hellox'));
  });

  test('names the port when the server was never heard, and goes on trying', async () => {
    const { server, terminal, later } = await start({ deaf: true });
    later(5_000);
    expect(terminal.lines.join(' ')).toMatch(/no answer from UDP port \d+ of server\.example for 5 s/);
    server.deaf = false;
    server.print('there');
    await until(() => expect(terminal.lines[0]).toBe('there'));
  });

  test('is not busied by datagrams that are not its own', async () => {
    const { server, terminal, pumps } = await start();
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    const [port = 0] = server.clientPorts;
    const stranger = createSocket('udp4');
    const before = pumps();
    for (let i = 0; i < 200; i++) {
      await new Promise((sent) => stranger.send(new Uint8Array(60).fill(i), port, '127.0.0.1', sent));
      await new Promise((polled) => setImmediate(polled));
    }
    stranger.close();
    expect(pumps() - before).toBeLessThan(20);
    terminal.type('ls');
    await until(() => expect(terminal.lines[0]).toBe('$ ls'));
  });

  test('takes a new local port when the server has been silent for ten seconds', async () => {
    const { server, terminal, later } = await start();
    await until(() => expect(server.clientPorts.size).toBe(1));
    server.print('a');
    await until(() => expect(terminal.lines[0]).toBe('a'));
    server.deaf = true;
    terminal.type('b');
    const before = [...server.clientPorts];
    later(11_000);
    server.clientPorts.clear();
    later(1_500);
    await until(() => expect([...server.clientPorts].some((port) => !before.includes(port))).toBe(true));
    server.deaf = false;
    later(1_500);
    await until(() => expect(terminal.lines[0]).toBe('ab'));
  });

  test('says that nothing listens when the other machine says so', async () => {
    const { server, terminal, later } = await start();
    server.print('a');
    await until(() => expect(terminal.lines[0]).toBe('a'));
    server.stop();
    terminal.type('b');
    later(1_600);
    later(1_000);
    await until(() => expect(terminal.lines.join(' ')).toMatch(/nothing listens on UDP port \d+ of server\.example/));
    server.stop = () => undefined;
  });

  test('reaches the server by its other address when the first is dead', async () => {
    const { server, terminal, later } = await start({ addresses: ['127.0.0.2', '127.0.0.1'] });
    server.print('here');
    later(1_100);
    await until(() => expect(terminal.lines[0]).toBe('here'));
  });

  test('quits by ~. and tells the server', async () => {
    const { server, terminal, session } = await start();
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    terminal.type('\r~.');
    expect(await session.ended).toEqual({ kind: 'left', delivered: true });
    expect(server.core.hungUp).toBe(true);
    expect(server.typed).toBe('\r');
    expect(terminal.closed).toBe(1);
  });

  test('quits by ~. within a second when the server cannot be told', async () => {
    const { server, terminal, session, later, end } = await start();
    server.deaf = true;
    terminal.type('~.');
    await until(() => expect(terminal.lines.at(-1)).toMatch(/^rove: ending the session/));
    expect(end()).toBeUndefined();
    later(1_000);
    expect(await session.ended).toEqual({ kind: 'left', delivered: false });
  });

  test('shows the escapes until the next key', async () => {
    const { server, terminal } = await start();
    server.print('text');
    await until(() => expect(terminal.lines[0]).toBe('text'));
    terminal.type('~?');
    expect(terminal.lines.join('\n')).toContain('At the start of a line:\n~.   end the session');
    terminal.type('!');
    expect(terminal.lines[0]).toBe('text');
    await until(() => expect(terminal.lines[0]).toBe('text!'));
  });

  test('shows how the link is when asked, until it is asked again or the next key', async () => {
    const { server, terminal } = await start();
    server.print('text');
    await until(() => expect(terminal.lines[0]).toBe('text'));
    terminal.type('~s');
    expect(terminal.lines.slice(1).join('')).toMatch(/^rove: rtt \S+ ms, loss 0 % up 0 % down, heard 0\.\d s ago/);
    terminal.type('~');
    expect(terminal.lines.slice(1).join('')).toMatch(/^rove: rtt/);
    terminal.type('s');
    expect(terminal.lines.slice(1).join('')).toBe('');
    terminal.type('~s~?');
    expect(terminal.lines.join('\n')).toContain('~s   show how the link is');
    terminal.type('!');
    await until(() => expect(terminal.lines.join('')).toBe('text!'));
    expect(server.typed).toBe('!');
  });

  test('keeps the line on the link if that was asked for, below the bar, and no timer is early for it', async () => {
    const { server, terminal, later, pumps } = await start({ status: true });
    server.print('text');
    await until(() => expect(terminal.lines[0]).toBe('text'));
    terminal.type('abc');
    await until(() => expect(terminal.lines[0]).toBe('textabc'));
    expect(terminal.lines.at(-1)).toMatch(/^rove: /);
    server.deaf = true;
    terminal.type('d');
    const before = pumps();
    later(3_000);
    expect(pumps() - before).toBeLessThan(20);
    expect(terminal.lines.at(-3)).toMatch(/^rove: no answer for 3 s/);
    expect(terminal.lines.at(-1)).toMatch(/^rove: rtt .* heard 3\.\d s ago/);
    expect(terminal.lines[0]).toBe('textabc');
  });

  test('hides the line on the link where there is no row for it', async () => {
    const { server, terminal } = await start({ status: true });
    server.print('text');
    await until(() => expect(terminal.lines[0]).toBe('text'));
    terminal.resize(60, 1);
    expect(terminal.lines).toEqual(['text']);
    terminal.resize(60, 2);
    expect(terminal.lines).toEqual(['text', expect.stringMatching(/^rove: /)]);
  });

  test("leaves the application's title alone, whatever the client itself has to say", async () => {
    const { server, terminal, later } = await start({ status: true });
    server.print('\x1b]2;vim: notes\x07\x1b]1;vim\x07text');
    await until(() => expect(terminal.titles).toEqual(['vim: notes', 'vim']));
    server.deaf = true;
    terminal.type('x');
    later(70_000);
    expect(terminal.lines.join('')).toContain('no answer for 1 min');
    expect(terminal.titles).toEqual(['vim: notes', 'vim']);
  });

  test('shows letters before the server has, but none on a screen that was made for another size', async () => {
    const { server, terminal, session } = await start({ predict: 'always' });
    server.print('$ ');
    await until(() => expect(terminal.lines[0]).toBe('$'));
    terminal.type('echo');
    await until(() => expect(terminal.lines[0]).toBe('$ echo'));
    await until(() => expect(session.core.state.echoed).toBeGreaterThan(0));
    server.deaf = true;
    terminal.type(' hello');
    expect(terminal.lines[0]).toBe('$ echo hello');
    terminal.resize(9, 4);
    expect(terminal.lines[0]).toBe('$ echo');
    terminal.type(' world');
    expect(terminal.lines[0]).toBe('$ echo');
    server.deaf = false;
    await until(() => expect(server.typed).toBe('echo hello world'));
    await until(() => expect(terminal.lines.join('|')).toBe(linesOf(server.emulator.snapshot()).join('|')));
  });

  test('gives the terminal back while it is suspended, and draws it anew after', async () => {
    const { server, terminal, suspensions } = await start();
    server.print('text');
    await until(() => expect(terminal.lines[0]).toBe('text'));
    terminal.write(new TextEncoder().encode('\x1b[2J\x1b[Hsomebody else'));
    terminal.type('~\x1a');
    expect(suspensions()).toBe(1);
    expect([terminal.opened, terminal.closed]).toEqual([2, 1]);
    await until(() => expect(terminal.lines[0]).toBe('text'));
  });

  test('ends when the terminal is lost', async () => {
    const { server, terminal, session } = await start();
    await until(() => expect(server.clientPorts.size).toBe(1));
    terminal.events?.onLost();
    expect(await session.ended).toEqual({ kind: 'terminal-lost', delivered: true });
    expect(server.core.hungUp).toBe(true);
  });

  test('ends without the last screen when that does not come', async () => {
    const { server, session, later, terminal } = await start();
    server.print('a');
    await until(() => expect(terminal.lines[0]).toBe('a'));
    vi.spyOn(session.core, 'ended', 'get').mockReturnValue(undefined);
    server.end(3, 'killed');
    await until(() => expect(session.core.ending).toBeDefined());
    session.pump();
    later(2_000);
    expect(await session.ended).toEqual({ kind: 'ended', status: 3, reason: 'killed' });
  });

  test('gives the terminal back when it fails itself, and tells the server', async () => {
    const { server, terminal, session } = await start();
    await until(() => expect(server.clientPorts.size).toBe(1));
    const failed = expect(session.ended).rejects.toThrow('a bug');
    vi.spyOn(session.core, 'tick').mockImplementation(() => {
      throw new Error('a bug');
    });
    session.pump();
    await failed;
    expect(terminal.closed).toBe(1);
    await until(() => expect(server.core.hungUp).toBe(true));
  });
});
