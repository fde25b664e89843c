import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../../client/ssh/settings.ts';
import { UserError } from '../../../client/user-error.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { connected, outcome } from './connected.ts';
import { type Behaviour, fields, pour, startBare, startHostile } from './hostile-server.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** What becomes of a connection to bare bytes. */
async function bare(serve: (socket: Socket) => void, changes: Partial<Settings> = {}): Promise<string> {
  const server = await startBare(serve);
  open.push(server);
  return failure({ ...server.settings, ...changes });
}

/** What becomes of a connection to an ssh server that behaves so. */
async function hostile(behaviour: Behaviour, prompter = new ScriptedPrompter()): Promise<string> {
  const server = await startHostile(behaviour);
  open.push(server);
  return failure(server.settings, prompter);
}

async function failure(settings: Settings, prompter = new ScriptedPrompter()): Promise<string> {
  const { connection } = connected(settings, { prompter, level: 'info' });
  open.push(connection);
  const ended = await outcome(connection, 'true').catch((error: unknown) => error);
  const error = ended instanceof Error ? ended : (ended as { lost?: Error }).lost;
  if (!(error instanceof UserError)) throw new Error('it came to something', { cause: error });
  expect(error.message).not.toMatch(/\p{Cc}/u);
  expect(error.message.length).toBeLessThan(1000);
  return error.message;
}

const IDENT = 'SSH-2.0-OpenSSH_99.9\r\n';

describe('a server that is none', () => {
  it('talks without end before its identification', async () => {
    expect(await bare((socket) => pour(socket, Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(500))))).toMatch(
      /handshake with hostile failed: (too much text before|Max greeting lines exceeded)/,
    );
    expect(await bare((socket) => pour(socket, Buffer.alloc(16_384, 'y')))).toMatch(
      /too much text before|Header line too long/,
    );
  });

  it('says a byte now and then, for ever', async () => {
    const drip = (socket: Socket): void => {
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    };
    expect(await bare(drip, { timeoutMs: 100 })).toMatch(/does not answer as an ssh server/);
    const dripLater = (socket: Socket): void => {
      socket.write(IDENT);
      drip(socket);
    };
    expect(await bare(dripLater, { timeoutMs: 100 })).toMatch(/does not answer|handshake with hostile failed/);
  });

  it('goes on in another language', async () => {
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));
    expect(await bare((socket) => socket.write(Buffer.concat([Buffer.from(IDENT), noise])))).toMatch(
      /handshake with hostile failed: Bad packet length/,
    );
    expect(await bare((socket) => socket.end('220 mail.example ESMTP\r\n'))).toMatch(/closed the connection during/);
    expect(await bare((socket) => socket.end('SSH-1.5-old\n'))).toMatch(/handshake with hostile failed: Invalid/);
  });
});

describe('a server during the login', () => {
  it('shows a banner that acts on no terminal', async () => {
    const prompter = new ScriptedPrompter();
    const server = await startHostile({
      begun: ({ send }) => send(fields(53, 'Hello\u001b[2J\u0007 \u202ethere\r\n\ttwo\n', '')),
    });
    open.push(server);
    const { connection } = connected(server.settings, { prompter });
    await connection.ready;
    connection.close();
    expect(prompter.told).toEqual(['Hello[2J there', ' two']);
  });

  it('shows megabytes of banner, of which a page is shown', async () => {
    const prompter = new ScriptedPrompter();
    const text = `${'spam '.repeat(20)}\n`.repeat(200);
    const message = await hostile(
      {
        begun: ({ send }) => {
          for (let count = 0; count < 2000; count++) send(fields(53, text, ''));
        },
        attempt: () => true,
      },
      prompter,
    );
    expect(message).toMatch(/breaks the ssh protocol with banners without end/);
    expect(prompter.told.join('\n').length).toBeLessThan(10_000);
    expect(prompter.told.at(-1)).toBe('(the rest of the banner is left out)');
    expect(prompter.told.filter((line) => line.startsWith('('))).toHaveLength(1);
  });

  it('shows a banner of empty lines', async () => {
    const prompter = new ScriptedPrompter();
    const server = await startHostile({ begun: ({ send }) => send(fields(53, '\n'.repeat(30_000), '')) });
    open.push(server);
    const { connection } = connected(server.settings, { prompter });
    await connection.ready;
    connection.close();
    expect(prompter.told.length).toBeLessThan(210);
  });

  it.each<[string, Uint8Array]>([
    ['a login that was not asked for', fields(52)],
    ['a refusal of nothing', fields(51, 'publickey', false)],
  ])('says out of turn %s', async (what, payload) => {
    // Twice: the first may answer an attempt.
    const begun: Behaviour['begun'] = ({ send }) => {
      send(payload);
      send(payload);
    };
    const behaviour: Behaviour = { begun, attempt: () => true };
    expect(await hostile(behaviour)).toMatch(new RegExp(`with ${what}|closed the connection|Permission denied`));
  });

  it('wants a key that was not offered', async () => {
    const behaviour: Behaviour = {
      attempt: ({ send }) => {
        send(fields(60, 'ssh-ed25519', new Uint8Array(51)));
        return true;
      },
    };
    expect(await hostile(behaviour)).toMatch(/with an answer to a key that was not offered/);
  });

  it('asks without end', async () => {
    const behaviour: Behaviour = {
      attempt: ({ send }, count) => {
        if (count === 1) send(fields(51, 'keyboard-interactive', false));
        else for (let rounds = 0; rounds < 100; rounds++) send(fields(60, 'name\u0007', '', '', 0));
        return true;
      },
    };
    expect(await hostile(behaviour)).toMatch(/asks without end/);
  });

  it('claims to have asked four billion questions', async () => {
    const behaviour: Behaviour = {
      attempt: ({ send }, count) => {
        send(count === 1 ? fields(51, 'keyboard-interactive', false) : fields(60, '', '', '', 0xffffffff, 'one', true));
        return true;
      },
    };
    expect(await hostile(behaviour)).toMatch(/Malformed USERAUTH_INFO_REQUEST/);
  });

  it('ends with words of its own', async () => {
    const behaviour: Behaviour = {
      attempt: ({ send }) => {
        send(fields(1, 2, `go away\u001b]0;owned\u0007${'!'.repeat(20_000)}`, ''));
        return true;
      },
    };
    expect(await hostile(behaviour)).toMatch(/the ssh connection to hostile was lost: go away\]0;owned!+…/);
  });
});

describe('a server that lets one in', () => {
  /** To the command's channel, which is our number 0. */
  it('sends more than it was allowed to', async () => {
    const running: Behaviour['running'] = ({ send }) => {
      for (let count = 0; count < 100; count++) send(fields(94, 0, new Uint8Array(32_000)));
    };
    const server = await startHostile({ running });
    open.push(server);
    const { connection } = connected(server.settings);
    open.push(connection);
    const process = await connection.run('flood');
    // Nobody reads.
    const { lost } = await Promise.race([process.exited, lostOf(connection.run('second'))]);
    expect(lost?.message).toMatch(/breaks the ssh protocol with more data than it was allowed to send/);
    expect(process.stdout.readableLength).toBeLessThanOrEqual(2 * 1024 * 1024);
  });

  it('opens channels by the thousand, asks for everything, and talks to channels that are not there', async () => {
    const running: Behaviour['running'] = ({ send }, channel) => {
      for (let count = 0; count < 3000; count++) {
        send(fields(90, count % 2 === 0 ? 'x11' : 'session', count, 100, 100, 'localhost', 6000));
        send(fields(80, 'do-something', true));
        send(fields(98, 0, 'do-something', true));
        for (const type of [93, 94, 96, 97, 98, 99, 100]) send(fields(type, 77 + count, 'x', true));
        send(fields(91, 1000 + count, 0, 0, 0).subarray(0, 17));
      }
      channel.end();
    };
    // A confirmation of what nobody asked for is the one thing of these that cannot be meant well.
    expect(await hostile({ running })).toMatch(/with a channel that nobody asked for/);
    const quiet: Behaviour['running'] = ({ send }, channel) => {
      for (let count = 0; count < 3000; count++) {
        send(fields(90, 'forwarded-tcpip', count, 100, 100, 'localhost', 80, 'elsewhere', 80));
        send(fields(80, 'keepalive@openssh.com', true));
        send(fields(98, 0, 'keepalive@openssh.com', true));
        send(fields(94, 5000 + count, 'nobody'));
        send(fields(93, 0, 0xffffffff));
      }
      channel.write('done');
      channel.exit(5);
      channel.end();
    };
    const server = await startHostile({ running: quiet });
    open.push(server);
    const { connection } = connected(server.settings);
    expect(await outcome(connection, 'true')).toMatchObject({ stdout: 'done', code: 5 });
    connection.close();
  });

  it('goes on after the end', async () => {
    const running: Behaviour['running'] = ({ send }) => {
      send(fields(94, 0, 'in time'));
      send(fields(96, 0));
      send(fields(94, 0, 'too late'));
      send(fields(98, 0, 'exit-signal', false, 'KILL\u001b[31m and more than any name has', false, '', ''));
      send(fields(97, 0));
      send(fields(97, 0));
      send(fields(94, 0, 'much too late'));
    };
    const server = await startHostile({ running });
    open.push(server);
    const { connection } = connected(server.settings);
    const ended = await outcome(connection, 'true');
    expect(ended).toMatchObject({ stdout: 'in time', signal: 'KILL[31m and more than any nam…' });
    connection.close();
  });

  it.each([
    ['a request without a name', fields(98, 0)],
    ['data that is not there', fields(94, 0, 5)],
    ['an end without a reason', fields(1)],
  ])('speaks nonsense: %s', async (_, payload) => {
    expect(await hostile({ running: ({ send }) => send(payload) })).toMatch(/was lost: .*Malformed/);
  });

  it('has a key for each day', async () => {
    const other = await startHostile({});
    open.push(other);
    const server = await startHostile({});
    open.push(server);
    const settings = { ...server.settings, port: other.settings.port };
    expect(await failure(settings)).toMatch(/another program answers/);
  });
});

async function lostOf(running: Promise<unknown>): Promise<{ lost?: Error }> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? { lost: error } : {};
}
