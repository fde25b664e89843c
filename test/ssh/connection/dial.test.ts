import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectFirst, type Dial, dial, resolve } from '../../../client/ssh/dial.ts';

let server: Server;
let options: Dial;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined).end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  options = { host: 'the host', port, family: undefined, timeoutMs: 5000 };
});
afterEach(() => {
  server.close();
});

describe('a connection to a name', () => {
  it('is made to the next address when one refuses', async () => {
    const socket = await connectFirst(['127.0.0.2', '127.0.0.3', '127.0.0.1', '127.0.0.4'], options);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('fails with one line when all refuse, or none is there', async () => {
    await expect(connectFirst(['127.0.0.2', '127.0.0.3'], options)).rejects.toThrow(
      `the host port ${options.port} refused the connection: does an ssh server run there, and is the port right (-p)?`,
    );
    await expect(connectFirst([], options)).rejects.toThrow(/the host port/);
  });

  it('comes from the address that is asked for', async () => {
    const socket = await dial({ ...options, host: '127.0.0.1', bindAddress: '127.0.0.9' });
    expect(socket.localAddress).toBe('127.0.0.9');
    socket.destroy();
    await expect(dial({ ...options, host: '127.0.0.1', bindAddress: '192.0.2.1' })).rejects.toThrow(
      /127\.0\.0\.1 port/,
    );
  });

  it('is tried as often as is asked for', async () => {
    const late = createServer((socket) => socket.on('error', () => undefined).end());
    const port = await new Promise<number>((done) => {
      late.listen(0, '127.0.0.1', () => {
        const address = late.address();
        late.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const dialing = dial({ ...options, host: '127.0.0.1', port, attempts: 3 });
    const again = createServer((socket) => socket.on('error', () => undefined).end());
    setTimeout(() => again.listen(port, '127.0.0.1'), 100);
    const socket = await dialing;
    expect(socket.remotePort).toBe(port);
    socket.destroy();
    again.close();
  });

  it('needs no look-up for a literal address, which has to be of the wanted family', async () => {
    expect(await resolve({ host: '127.0.0.1', family: 4, timeoutMs: 1 })).toEqual(['127.0.0.1']);
    expect(await resolve({ host: 'fe80::1%lo', family: undefined, timeoutMs: 1 })).toEqual(['fe80::1%lo']);
    await expect(dial({ ...options, host: '127.0.0.1', family: 6 })).rejects.toThrow(/no IPv6 address: leave out -6/);
  });
});
