/**
 * What a session has to bear: odd terminals, output that is no text, forged datagrams in bulk, and links as bad as the worst
 * train's. Each time the typed lines arrive and the picture is whole.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Lab, PROMPT, SERVER_V4 } from '../../bench/lab/lab.ts';
import { symmetric } from '../../bench/link/link.ts';
import { checkDictation, dictate } from './dictation.ts';
import { MISSING, openSession, SUBJECT, titled, withLab, withSession } from './subject.ts';

const FORGERY_MS = 3000;

/** Sends datagrams of random bytes, lengths and headers to every port where a server of ours may listen. */
const FORGER = `
const { randomBytes } = require('node:crypto');
const socket = require('node:dgram').createSocket('udp4');
const ports = process.argv.slice(2).map(Number);
const until = Date.now() + ${FORGERY_MS};
let sent = 0;
const burst = () => {
  for (let i = 0; i < 500; i++) {
    const bytes = randomBytes(1 + (i * 37) % 1200);
    socket.send(bytes, ports[i % ports.length], process.argv[1], () => { sent++; });
  }
  if (Date.now() < until) setImmediate(burst);
  else setTimeout(() => { console.log(sent); process.exit(); }, 100);
};
burst();`;

describe.skipIf(MISSING !== undefined).concurrent(titled(`trouble for ${SUBJECT.name}`), () => {
  test('forged datagrams by the ten thousand do not stop the typing', async () => {
    await withSession({ link: symmetric(20) }, async (session) => {
      const typist = await dictate(session, 'silence');
      const forger = forge(session.lab, [60001, 60002, 60003]);
      const sent = await forger;
      expect(sent).toBeGreaterThan(10_000);
      await typist.lines(10);
      await checkDictation(session, typist);
    });
  });

  test.for([
    ['a tenth lost each way', symmetric(100, { loss: 0.1 })],
    ['29 % lost each way', symmetric(100, { loss: 0.29 })],
    ['losses in bursts', symmetric(60, { burst: { enter: 0.05, leave: 0.2 } })],
    ['jitter, reordering and doubles', symmetric(80, { jitterMs: 80, reorder: 0.1, duplicate: 0.05, loss: 0.02 })],
    ['64 kbit/s', symmetric(200, { rateBps: 64_000, queueBytes: 16_000 })],
  ] as const)('a bad link: %s', async ([, link]) => {
    // Only the session itself: ssh over TCP takes half a minute to log in at such a loss.
    await withLab({ link: symmetric(5) }, async (lab) => {
      const terminal = await openSession(lab);
      await lab.link.impair(link);
      const session = { lab, terminal };
      const typist = await dictate(session, 'flow');
      await typist.lines(75);
      await checkDictation(session, typist, 40_000);
    });
  });

  test.for([
    { cols: 1, rows: 1 },
    { cols: 2, rows: 300 },
    { cols: 500, rows: 200 },
  ])('a terminal of $cols by $rows, and back', async ({ cols, rows }) => {
    await withSession({ link: symmetric(5) }, async (session) => {
      const { terminal } = session;
      terminal.resize(cols, rows);
      terminal.type('seq 1 300; ls --color /\r');
      // One cell may well be blank: only the output tells that something was drawn.
      const before = terminal.outputBytes;
      await terminal.waitFor(() => terminal.outputBytes > before);
      terminal.resize(80, 24);
      const typist = await dictate(session, 'silence');
      await typist.lines(5);
      await checkDictation(session, typist);
    });
  });

  test('a session that begins in a terminal of one cell', async () => {
    await withLab({ link: symmetric(5) }, async (lab) => {
      const terminal = lab.start(SUBJECT.commandLine(lab), { cols: 1, rows: 1 });
      await terminal.waitFor(() => terminal.outputBytes > 0, 20_000);
      terminal.type('exit 9\r');
      const status = await terminal.exited;
      if (SUBJECT.name !== 'mosh') expect(status).toBe(9);
    });
  });

  test('output that is no text leaves the session alive', async () => {
    await withSession({ link: symmetric(5) }, async (session) => {
      const { lab, terminal } = session;
      // Every byte that neither asks the terminal for an answer nor selects another character set.
      const bytes = Array.from({ length: 200_000 }, (_, index) => (index * 7919 + (index >> 8) * 31) & 0xff);
      writeFileSync(
        join(lab.serverHome, 'noise'),
        Buffer.from(bytes.filter((byte) => ![5, 14, 15, 27].includes(byte) && byte < 0x80 === byte >= 0x20)),
      );
      terminal.type("cat noise; echo; echo ov''er\r");
      await terminal.waitFor('over');
      terminal.type('\x15reset\r');
      await terminal.waitFor(() => terminal.rows()[terminal.cursor.y] === PROMPT.trimEnd());
      const typist = await dictate(session, 'silence');
      await typist.lines(5);
      await checkDictation(session, typist);
    });
  });
});

/** How many datagrams a forger beside the server has sent to its ports. */
async function forge(lab: Lab, ports: readonly number[]): Promise<number> {
  const [command = '', ...rest] = [
    ...lab.server.prefix,
    process.execPath,
    '-e',
    FORGER,
    SERVER_V4,
    ...ports.map(String),
  ];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(child.stdout, 'data');
  return Number(String(printed));
}
