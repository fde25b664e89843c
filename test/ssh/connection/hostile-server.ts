/** Servers that mean no good: one that speaks ssh properly up to the point where a test lets it send what it likes, one of bare bytes. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Connection, ServerChannel } from 'ssh2';
import { makeKeyPair } from '../../../client/local/key-pair.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';
import { encodeStrings, encodeU32 } from '../../../client/ssh/ssh-string.ts';
import { loadSsh2 } from '../../../client/ssh/ssh2-library.ts';

/** A server, and the settings with which it is trusted. */
export interface HostileServer {
  readonly settings: Settings;
  /** Sends a message as it is (RFC 4253 §6: the payload), once somebody is there. */
  send(...payload: Uint8Array[]): void;
  close(): void;
}

/** What it does at the points where a test may have a say; undefined: what a good server does. */
export interface Behaviour {
  /** The keys are exchanged, no login was tried. */
  readonly begun?: (server: HostileServer) => void;
  /** An attempt to log in has come; true if the test has answered it. */
  readonly attempt?: (server: HostileServer, count: number) => boolean;
  /** The command runs. */
  readonly running?: (server: HostileServer, channel: ServerChannel) => void;
}

/** Starts one on loopback. */
export async function startHostile(behaviour: Behaviour): Promise<HostileServer> {
  const ssh2 = await loadSsh2();
  const host = makeKeyPair(ssh2);
  const user = makeKeyPair(ssh2);
  const [hostKey, userKey] = [host, user].map((pair) => {
    const parsed = ssh2.utils.parseKey(pair.private);
    if (parsed instanceof Error) throw parsed;
    return parsed;
  });
  if (hostKey === undefined || userKey === undefined) throw new Error('there are two keys');
  const connections: Connection[] = [];
  let attempts = 0;
  const server = new ssh2.Server({ hostKeys: [host.private], ident: 'OpenSSH_99.9 hostile' }, (connection) => {
    connections.push(connection);
    connection.on('error', () => undefined);
    connection.on('handshake', () => behaviour.begun?.(hostile));
    connection.on('authentication', (context) => context.accept());
    interceptAttempts(connection, () => behaviour.attempt?.(hostile, ++attempts) === true);
    connection.on('session', (accept) => {
      accept().on('exec', (acceptCommand) => behaviour.running?.(hostile, acceptCommand()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const hostile: HostileServer = {
    settings: {
      ...settingsOf(typeof address === 'object' ? address?.port : undefined),
      hostKeys: { ...DEFAULT_SETTINGS.hostKeys, pinned: hostKey.getPublicSSH() },
      identities: { ...DEFAULT_SETTINGS.identities, only: true, inMemory: [userKey] },
    },
    send: (...payload) => {
      for (const connection of connections) sendRaw(connection, Buffer.concat(payload));
    },
    close: () => {
      server.close();
      for (const connection of connections) connection.end();
    },
  };
  return hostile;
}

/** A server of bare bytes: `serve` gets each connection. */
export async function startBare(serve: (socket: Socket) => void): Promise<Omit<HostileServer, 'send'>> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    settings: settingsOf(typeof address === 'object' ? address?.port : undefined),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Sends bytes as fast as they are taken, for as long as that lasts. */
export function pour(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

/** `string` fields, and `uint32` fields for numbers, in a row. */
export function fields(type: number, ...values: (string | number | boolean | Uint8Array)[]): Uint8Array {
  return Buffer.concat([
    Uint8Array.of(type),
    ...values.map((value) => {
      if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
      return typeof value === 'number' ? encodeU32(value) : encodeStrings(value);
    }),
  ]);
}

function settingsOf(port: number | undefined): Settings {
  return {
    ...DEFAULT_SETTINGS,
    label: 'hostile',
    host: '127.0.0.1',
    port: port ?? 0,
    user: 'user',
    timeoutMs: 2000,
    prompts: 1,
  };
}

/** Calls `intercept` for each attempt to log in; the library, which takes one at a time, hears only of those that are not taken. */
function interceptAttempts(connection: Connection, intercept: () => boolean): void {
  const protocol = Reflect.get(connection, '_protocol') as {
    readonly _handlers: { USERAUTH_REQUEST: (...words: unknown[]) => void };
  };
  const otherwise = protocol._handlers.USERAUTH_REQUEST;
  protocol._handlers.USERAUTH_REQUEST = (...words) => {
    if (!intercept()) otherwise(...words);
  };
}

/** The library's own way to send a packet, without its opinion of what may be sent. */
function sendRaw(connection: Connection, payload: Buffer): void {
  const protocol = Reflect.get(connection, '_protocol') as {
    readonly _packetRW: {
      readonly write: { alloc(n: number): Buffer; allocStart: number; finalize(b: Buffer): Buffer };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  try {
    protocol._cipher.encrypt(write.finalize(packet));
  } catch {
    // The client has hung up.
  }
}
