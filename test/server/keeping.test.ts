/** How long a session is kept, under virtual time: the session and its program are real, the clock and the network are not. */

import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { systemRandom } from '../../server/random.ts';
import { Session } from '../../server/session.ts';
import { Turn } from '../../server/turn.ts';

const logged = vi.hoisted((): string[] => []);
vi.mock('../../server/log.ts', () => ({
  logError: (what: string, error: unknown) => logged.push(`${what}: ${error}`),
}));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  for (const session of sessions) session.kill('the test is over');
  sessions = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

let sessions: Session[] = [];

class Scene {
  readonly session: Session;
  readonly client: ShellClient;
  over = false;
  #wanted: (() => void) | undefined;
  /** Whether datagrams get through. */
  connected = true;
  send = (datagram: Uint8Array, _onError: (code: string) => void): void => {
    if (!this.connected) return;
    this.client.receive(performance.now(), datagram, 'server');
    this.say();
  };

  constructor(command: string, keepMs?: number) {
    const connectionId = systemRandom(8);
    const secret = systemRandom(32);
    const size = { cols: 80, rows: 24 };
    const now = performance.now();
    this.session = new Session({
      id: Buffer.from(connectionId).toString('hex'),
      connectionId,
      secret: secret.slice(),
      random: systemRandom,
      program: { file: '/bin/sh', args: ['-c', command], env: { PATH: '/usr/bin:/bin' }, cwd: '/', umask: 0o022 },
      ...size,
      keepMs,
      scrollback: 100,
      turn: new Turn(),
      send: (datagram, _path, onError) => this.send(datagram, onError),
      onOver: () => {
        this.over = true;
        this.#wanted?.();
      },
    });
    sessions.push(this.session);
    this.client = new ShellClient({ now, connectionId, secret, random: systemRandom, ...size, paths: ['server'] });
  }

  /** The client sends what it has to send. */
  say(): void {
    const now = performance.now();
    this.client.tick(now);
    for (
      let transmit = this.client.pollTransmit(now);
      transmit !== undefined;
      transmit = this.client.pollTransmit(now)
    ) {
      if (this.connected) this.session.receive(transmit.datagram, 'client');
    }
  }

  /** Virtual time passes; what is due happens, and so does what is real meanwhile. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await turns();
  }

  get running(): boolean {
    return existsSync(`/proc/${this.session.info.pid}/cmdline`);
  }

  /** The end of the session, brought about by its program's real end. */
  async end(): Promise<void> {
    if (!this.over)
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
      });
  }

  /** The first letters of all rows that the client sees. */
  get letters(): string[] {
    return this.client.screen.rows.map(({ cells }) => String.fromCodePoint(cells[0] ?? 0));
  }

  /** Resolves when the client has seen `text`. */
  async shows(row: number, letter: string): Promise<void> {
    while (this.letters[row] !== letter) await turns();
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a session', () => {
  test('whose client never comes is dropped after a minute', async () => {
    const scene = new Scene('exec sleep 1000');
    await scene.pass(MINUTE - 100);
    expect(scene.running).toBe(true);
    await scene.pass(200);
    await scene.end();
    expect(scene.running).toBe(false);
  });

  test('is kept for ever while its client is away', async () => {
    const scene = new Scene('printf x; exec sleep 1000');
    scene.say();
    await scene.shows(0, 'x');
    scene.connected = false;
    await scene.pass(100 * DAY);
    expect(scene.running).toBe(true);
    expect(scene.session.info).toMatchObject({ state: 'open', client: 'client' });
  });

  test('is kept as long as was asked for, and no longer', async () => {
    const scene = new Scene('printf x; exec sleep 1000', 7 * DAY);
    scene.say();
    await scene.shows(0, 'x');
    scene.connected = false;
    await scene.pass(7 * DAY - MINUTE);
    expect(scene.running).toBe(true);
    await scene.pass(2 * MINUTE);
    await scene.end();
  });

  test('that has ended waits an hour for a client that sleeps', async () => {
    const scene = new Scene('printf x; read a; exit 3');
    scene.say();
    await scene.shows(0, 'x');
    scene.client.sendKeys(Buffer.from('\n'));
    scene.say();
    scene.connected = false;
    while (scene.running) await turns();
    await scene.pass(HOUR - MINUTE);
    expect(scene.over).toBe(false);
    expect(scene.session.info.state).toBe('ending');
    await scene.pass(2 * MINUTE);
    expect(scene.over).toBe(true);
  });

  test('tells that client how its program ended, when it wakes', async () => {
    const scene = new Scene('printf x; read a; exit 3');
    scene.say();
    await scene.shows(0, 'x');
    scene.client.sendKeys(Buffer.from('\n'));
    scene.say();
    scene.connected = false;
    while (scene.running) await turns();
    await scene.pass(30 * MINUTE);
    scene.connected = true;
    scene.client.connection.probe();
    scene.say();
    while (scene.client.ended === undefined) {
      scene.say();
      await scene.pass(100);
    }
    expect(scene.client.ended).toEqual({ status: 3, reason: '' });
    for (const { datagram } of scene.client.farewell(performance.now())) scene.session.receive(datagram, 'client');
    await scene.end();
  });

  test('that is killed leaves soon, though its client does not answer', async () => {
    const scene = new Scene('exec sleep 1000');
    scene.session.kill('killed');
    while (scene.running) await turns();
    expect(scene.over).toBe(false);
    await scene.pass(4_000);
    expect(scene.over).toBe(true);
  });

  test('whose program and whose client end at the same time leaves soon', async () => {
    const scene = new Scene('printf x; read a; exit 3');
    scene.say();
    await scene.shows(0, 'x');
    scene.client.sendKeys(Buffer.from('\n'));
    scene.say();
    scene.connected = false;
    while (scene.running) await turns();
    scene.connected = true;
    scene.client.hangUp();
    scene.say();
    await scene.pass(4_000);
    expect(scene.over).toBe(true);
  });

  test('goes on over a link that takes no large datagram, and while there is no way out at all', async () => {
    const scene = new Scene(`head -c 1500 /dev/urandom | base64 -w 78; read a; printf '\\n#'; exec sleep 1000`);
    const { send } = scene;
    let refused = 0;
    scene.send = (datagram, onError) => {
      const code = datagram.length > 1_000 ? 'EMSGSIZE' : refused < 20 && refused > 2 ? 'ENETUNREACH' : undefined;
      if (code === undefined) return send(datagram, onError);
      refused++;
      setImmediate(() => onError(code));
    };
    scene.say();
    while (scene.client.screen.cursorRow === 0) await scene.pass(20);
    scene.client.sendKeys(Buffer.from('\n'));
    scene.say();
    while (!scene.letters.includes('#')) await scene.pass(20);
    expect(refused).toBeGreaterThan(0);
  });

  test('in which something throws is ended and logged, and nothing else is', async () => {
    const scene = new Scene('printf x; exec sleep 1000');
    const other = new Scene('printf x; exec sleep 1000');
    for (const each of [scene, other]) {
      each.say();
      await each.shows(0, 'x');
    }
    scene.send = () => {
      throw new Error('a planted bug');
    };
    scene.client.sendKeys(Buffer.from('y'));
    scene.say();
    await scene.end();
    expect(logged[0]).toMatch(/^session [0-9a-f]{16} is ended by a bug: Error: a planted bug$/);
    expect(other.running).toBe(true);
    expect(other.session.info.state).toBe('open');
  });
});
