import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type SocketEvents, Sockets, sendErrorKind } from '../../client/sockets.ts';

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A socket on loopback and its port. */
async function listen(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return { socket, port: socket.address().port };
}

function sockets(addresses: readonly string[], port: number, events: Partial<SocketEvents> = {}): Sockets {
  const opened = new Sockets(addresses, port, {
    onDatagram: () => undefined,
    onSendError: () => undefined,
    onRefused: () => undefined,
    ...events,
  });
  open.push(opened);
  return opened;
}

/** Path of index `index`; fails the test if it is not there. */
function path(of: Sockets, index = 0): string {
  const found = of.paths[index];
  if (found === undefined) throw new Error(`no path ${index}`);
  return found;
}

describe('Sockets', () => {
  test('sends by a path, and names the path of what comes back', async () => {
    const server = await listen();
    const heard: { datagram: Uint8Array; from: string }[] = [];
    const ours = sockets(['127.0.0.1'], server.port, {
      onDatagram: (datagram, from) => heard.push({ datagram, from }),
    });
    server.socket.on('message', (datagram, from) => server.socket.send([datagram, '!'], from.port, from.address));
    ours.send(path(ours), Buffer.from('hello'));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.from).toBe(path(ours));
    expect(Buffer.from(heard[0]?.datagram ?? []).toString()).toBe('hello!');
  });

  test('takes a new local port with each generation, while the old ones listen', async () => {
    const server = await listen();
    const heard: string[] = [];
    const ports: number[] = [];
    const ours = sockets(['127.0.0.1'], server.port, { onDatagram: (_datagram, from) => heard.push(from) });
    server.socket.on('message', (_datagram, from) => ports.push(from.port));
    const first = path(ours);
    ours.send(first, Uint8Array.of(1));
    await vi.waitFor(() => expect(ports).toHaveLength(1));
    expect(ours.open()).toEqual([]);
    const second = path(ours);
    expect(second).not.toBe(first);
    ours.send(second, Uint8Array.of(1));
    await vi.waitFor(() => expect(ports).toHaveLength(2));
    expect(ports[0]).not.toBe(ports[1]);
    server.socket.send(Uint8Array.of(2), ports[0] ?? 0, '127.0.0.1');
    await vi.waitFor(() => expect(heard).toEqual([first]));
  });

  test('closes the generations before the one on which the server was heard', async () => {
    const server = await listen();
    const errors: string[] = [];
    const ours = sockets(['127.0.0.1'], server.port, { onSendError: (where, code) => errors.push(`${where} ${code}`) });
    const first = path(ours);
    ours.send(first, Uint8Array.of(1));
    expect(ours.settle(first)).toEqual([]);
    ours.open();
    expect(ours.settle(first)).toEqual([]);
    expect(ours.settle(path(ours))).toEqual([first]);
    ours.send(first, Uint8Array.of(1));
    await vi.waitFor(() => expect(errors).toEqual([`${first} unreachable`]));
  });

  test('keeps four generations at most', async () => {
    const server = await listen();
    const ours = sockets(['127.0.0.1'], server.port);
    const first = path(ours);
    ours.send(first, Uint8Array.of(1));
    const gone = [ours.open(), ours.open(), ours.open(), ours.open()];
    expect(gone).toEqual([[], [], [], [first]]);
  });

  test('reports what the kernel does not send, and never throws', async () => {
    const errors: string[] = [];
    const ours = sockets(['127.0.0.1', '::ffff:ffff:0:1'], 9, {
      onSendError: (where, code, size) => errors.push(`${where.split('|')[1]} ${code} ${size}`),
    });
    ours.send(path(ours), new Uint8Array(70_000));
    ours.send('1|not an address|9', Uint8Array.of(1));
    ours.send('nonsense', Uint8Array.of(1));
    await vi.waitFor(() => expect(errors).toHaveLength(3));
    expect(errors).toContain('127.0.0.1 too-big 70000');
  });

  test('notices by a probe that no program holds the port', async () => {
    const server = await listen();
    const refused: string[] = [];
    const ours = sockets(['127.0.0.1'], server.port, { onRefused: (address) => refused.push(address) });
    ours.probe('127.0.0.1');
    const [datagram] = await once(server.socket, 'message');
    expect(datagram).toHaveLength(1);
    expect(refused).toEqual([]);
    server.socket.close();
    open.splice(0, 1);
    ours.probe('127.0.0.1');
    await vi.waitFor(() => expect(refused).toEqual(['127.0.0.1']));
  });

  test('survives a probe to where there is no way', async () => {
    const ours = sockets(['127.0.0.1'], 9);
    ours.probe('255.255.255.255');
    ours.probe('::ffff:ffff:0:1');
    await new Promise((resolve) => setImmediate(resolve));
    ours.close();
  });
});

describe('sendErrorKind()', () => {
  const error = (code: string): Error => Object.assign(new Error(code), { code });

  test('tells what is too big from what can go nowhere', () => {
    expect(sendErrorKind(error('EMSGSIZE'), 1_200)).toBe('too-big');
    for (const code of ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EPERM', 'ENETDOWN', 'EINVAL']) {
      expect(sendErrorKind(error(code), 1_200)).toBe('unreachable');
    }
  });

  test('takes a way that refuses the smallest datagram for none', () => {
    expect(sendErrorKind(error('EMSGSIZE'), 548)).toBe('unreachable');
  });

  test('takes a full buffer for a lost datagram', () => {
    for (const code of ['EAGAIN', 'ENOBUFS']) expect(sendErrorKind(error(code), 100)).toBeUndefined();
  });
});
