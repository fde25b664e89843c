/**
 * The emulated link between two real network namespaces, seen by ping and by plain sockets. Where namespaces cannot be made,
 * all of it is skipped, with the reason in the name.
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Download } from '../../bench/lab/download.ts';
import { Link, symmetric } from '../../bench/link/link.ts';
import { Namespace, namespacesMissing } from '../../bench/link/namespace.ts';
import { disagreement, ping, proveLink } from '../../bench/link/proof.ts';

const missing = namespacesMissing();
const SERVER = '10.9.0.1';
const SERVER_V6 = 'fd09::1';
const CLIENT = ['10.9.0.2/32', 'fd09::2/128'];

/** Answers every UDP datagram on port 5000 with the address and port that it came from. */
const REFLECTOR = `
for (const [type, address] of [['udp4', '0.0.0.0'], ['udp6', '::']]) {
  const socket = require('node:dgram').createSocket({ type, ipv6Only: type === 'udp6' });
  socket.on('message', (_, from) => socket.send(from.address + ' ' + from.port, from.port, from.address, () => {}));
  socket.bind(5000, address, () => console.log('ready'));
}`;
/** Sends a datagram for each line on its standard input (an address), from one port, and prints what comes back. */
const ASKER = `
const dgram = require('node:dgram');
const sockets = { 4: dgram.createSocket('udp4'), 6: dgram.createSocket('udp6') };
for (const socket of Object.values(sockets)) socket.on('message', (answer) => console.log(String(answer)));
require('node:readline').createInterface({ input: process.stdin }).on('line', (to) => {
  sockets[to.includes(':') ? 6 : 4].send('?', 5000, to, (error) => error && console.log(error.code));
});`;

describe.skipIf(missing !== undefined)(`the emulated link${missing === undefined ? '' : `: ${missing}`}`, () => {
  let client: Namespace;
  let server: Namespace;
  let link: Link;

  beforeAll(async () => {
    client = await Namespace.make('client');
    server = await Namespace.make('server');
    link = await Link.join(client, server, { ...symmetric(40), nat: true });
    await client.setAddresses(CLIENT);
    await server.setAddresses([`${SERVER}/32`, `${SERVER_V6}/128`]);
  });

  afterAll(async () => {
    await link?.close();
    client?.remove();
    server?.remove();
  });

  function run(namespace: Namespace, ...words: string[]): Promise<string> {
    const [command = '', ...rest] = [...namespace.prefix, ...words];
    return new Promise((resolve) => execFile(command, rest, (_error, stdout, stderr) => resolve(stdout + stderr)));
  }

  /** A program in a namespace, spoken to in lines. */
  function converse(
    namespace: Namespace,
    script: string,
  ): { say: (line: string) => void; next: () => Promise<string> } {
    const [command = '', ...rest] = [...namespace.prefix, process.execPath, '-e', script];
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    return {
      say: (line) => child.stdin.write(`${line}\n`),
      next: async () => String(await once(lines, 'line')),
    };
  }

  test('ping finds the round trip that was asked for, on IPv4 and on IPv6', async () => {
    for (const address of [SERVER, SERVER_V6]) {
      const output = await run(client, 'ping', '-c', '10', '-i', '0.02', '-q', address);
      expect(output).toContain(' 0% packet loss');
      const minimum = Number(/= ([\d.]+)\//.exec(output)?.[1]);
      expect(minimum).toBeGreaterThanOrEqual(40);
      // A busy machine is late, but not by another round trip with each of ten packets.
      expect(minimum).toBeLessThan(60);
    }
  });

  test('a changed address, a changed port and a missing family are seen by the peer as on a real network', async () => {
    await link.impair({});
    const reflector = converse(server, REFLECTOR);
    await reflector.next();
    const asker = converse(client, ASKER);
    const ask = async (address: string): Promise<string> => {
      asker.say(address);
      return await asker.next();
    };
    const before = await ask(SERVER);
    expect(before).toMatch(/^10\.9\.0\.2 /);
    expect(await ask(SERVER)).toBe(before);

    await link.rebind();
    const rebound = await ask(SERVER);
    expect(rebound).toMatch(/^10\.9\.0\.2 /);
    expect(rebound).not.toBe(before);

    await client.setAddresses(['10.9.7.7/32', 'fd09::2/128']);
    expect(await ask(SERVER)).toBe(rebound.replace('10.9.0.2', '10.9.7.7'));

    await client.setAddresses(['fd09::2/128']);
    expect(await ask(SERVER)).toBe('ENETUNREACH');
    expect(await ask(SERVER_V6)).toMatch(/^fd09::2 /);

    await client.setAddresses([]);
    expect(await ask(SERVER_V6)).toBe('ENETUNREACH');
    await client.setAddresses(CLIENT);
  });

  test('an outage takes everything, and only while it lasts', async () => {
    await link.impair({});
    await link.setOutage(true);
    const ping = ['ping', '-c', '5', '-i', '0.01', '-W', '0.2', '-q', SERVER];
    expect(await run(client, ...ping)).toContain('100% packet loss');
    await link.setOutage(false);
    expect(await run(client, ...ping)).toContain(' 0% packet loss');
  });

  test('every packet and byte is counted, by direction', async () => {
    await link.impair({});
    const before = await link.counts();
    await run(client, 'ping', '-c', '10', '-i', '0.01', '-s', '100', '-q', SERVER);
    const after = await link.counts();
    for (const direction of ['up', 'down'] as const) {
      expect(after[direction].packets - before[direction].packets).toBe(10);
      // 20 bytes of IP, 8 of ICMP.
      expect(after[direction].bytes - before[direction].bytes).toBe(1280);
      expect(after[direction].delivered - before[direction].delivered).toBe(10);
    }
  });

  test('pings prove a clean and a lossy link, and give a wrong one away', async () => {
    const path = { prefix: client.prefix, address: SERVER };
    for (const options of [symmetric(20), symmetric(4, { loss: 0.29 })]) {
      await link.impair(options);
      const proven = await proveLink(link, path, options, 1);
      // A busy machine may make a round trip longer, never shorter, and loses nothing.
      expect(proven.disagreement ?? '').not.toContain('loss');
      expect(proven.proof.rttMedianMs).toBeGreaterThanOrEqual(options.up?.delayMs ?? 0);
    }
    await link.impair(symmetric(20, { loss: 0.05 }));
    const proof = await ping(path, { count: 100, intervalMs: 5 }, symmetric(20));
    expect(disagreement(symmetric(20, { loss: 0.5 }), proof)).toContain('asked for 75.0 % loss');
  });

  test('the same seed loses the same packets again', async () => {
    await link.impair({ up: { loss: 0.4 } });
    const answered = async (seed: number): Promise<readonly string[]> => {
      await link.reseed(seed);
      const output = await run(client, 'ping', '-n', '-c', '60', '-i', '0.005', '-W', '1', SERVER);
      return [...output.matchAll(/icmp_seq=(\d+)/g)].map(([, sequence = '']) => sequence);
    };
    const first = await answered(5);
    expect(first.length).toBeGreaterThan(10);
    expect(await answered(5)).toEqual(first);
    expect(await answered(6)).not.toEqual(first);
  });

  test('a long trace reaches the link, and holds a ping until its next opportunity', async () => {
    // One opportunity in 50 ms, for a hundred thousand times.
    const trace = Array.from({ length: 100_000 }, (_, index) => (index + 1) * 50);
    await link.impair({ up: { trace } });
    const proof = await ping({ prefix: client.prefix, address: SERVER }, { count: 20, intervalMs: 20 }, {});
    expect(proof.received).toBe(20);
    expect(proof.rttMaxMs).toBeGreaterThan(30);
    expect(disagreement({ up: { trace } }, { ...proof, rttMedianMs: 25 })).toBeUndefined();
    const short = await Link.join(client, server, { up: { trace } });
    await short.close();
  });

  test('a download fills the queue in front of it, and ping waits behind it', async () => {
    await link.impair(symmetric(2, { rateBps: 4e6, queueBytes: 100_000 }));
    const download = await Download.start({ client, server, address: SERVER });
    try {
      expect(await download.untilQueueStands(link, 20_000)).toBe(true);
      // The queue holds 200 ms, of which a loss leaves more than a half.
      const proof = await ping(
        { prefix: client.prefix, address: SERVER },
        { count: 20, intervalMs: 50 },
        symmetric(300),
      );
      expect(proof.rttMedianMs).toBeGreaterThan(40);
      expect(download.bytes()).toBeGreaterThan(100_000);
      expect(download.pids.length).toBe(2);
    } finally {
      await download.stop();
      await link.impair({});
    }
  });

  test('nonsense is refused by name, and the link lives on', async () => {
    await expect(link.impair({ up: { loss: 2 } })).rejects.toThrow('loss must lie within 0 and 1');
    expect((await link.counts()).up.packets).toBeGreaterThan(0);
  });

  test('a namespace that is removed takes its processes with it', async () => {
    const namespace = await Namespace.make('doomed');
    const [command = '', ...rest] = [...namespace.prefix, 'sh', '-c', 'echo started; exec sleep 600'];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const exited = once(child, 'exit');
    namespace.remove();
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(await run(server, 'ip', 'netns', 'list')).not.toContain(namespace.name);
  });
});
