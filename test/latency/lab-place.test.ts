/** The lab as a place: real shells in it, and what they leave, take and send. */

import { spawn } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { labMissing } from '../../bench/lab/lab.ts';
import { processIds, runningProcesses } from '../../bench/lab/process-usage.ts';
import { customShell, findShells, SSH } from '../../bench/lab/shells.ts';
import { LabPlace } from '../../bench/latency/lab-place.ts';
import { symmetric } from '../../bench/link/link.ts';

const MISSING = labMissing();
const title = MISSING === undefined ? 'the lab as a place' : `the lab as a place (skipped: ${MISSING})`;

describe.skipIf(MISSING !== undefined)(title, () => {
  test('gives every shell the same prompt in the same directory, and is clear of it afterwards', async () => {
    const place = await LabPlace.open({ link: symmetric(10) });
    try {
      await place.putFiles({ 'one.txt': 'one\n', 'more/two.txt': 'two\n' });
      const residents = processIds(place.lab.server).length;
      const shells = [...findShells().shells, customShell('again', '{ssh} {host}')];
      for (const shell of shells) {
        await place.reseed(7);
        const usage = place.usage(shell);
        const session = await place.open(shell);
        session.terminal.type('ls -R\r');
        await session.terminal.waitFor('two.txt', 10_000);
        expect(session.terminal.screenText(), shell.name).toMatch(/^more {2}one\.txt$/m);
        expect(session.promptMs).toBeGreaterThan(10);
        await session.close();
        const { client, server } = await usage();
        for (const side of [client, server]) {
          expect(side?.peakMemoryBytes, shell.name).toBeGreaterThan(1e6);
          expect(side?.cpuSeconds, shell.name).toBeGreaterThan(0);
          expect(side?.cpuSeconds, shell.name).toBeLessThan(30);
        }
        // sshd alone, and rove's daemon once it has come.
        const daemons = shells.slice(0, shells.indexOf(shell) + 1).some(({ name }) => name === 'rove') ? 1 : 0;
        expect(processIds(place.lab.server).length, shell.name).toBe(residents + daemons);
        expect(processIds(place.lab.client), shell.name).toEqual([]);
      }
    } finally {
      await place.close();
    }
  });

  test('has a reference that no link slows down and no session ends', async () => {
    const place = await LabPlace.open({ link: symmetric(10) });
    try {
      const reference = await place.reference();
      const before = await place.network.traffic();
      reference.terminal.type('echo he""re\r');
      await reference.terminal.waitFor('here');
      expect(await place.network.traffic()).toEqual(before);
      const session = await place.open(SSH);
      expect((await place.network.traffic()).upPackets).toBeGreaterThan(before.upPackets);
      await session.close();
      reference.terminal.type('echo sti""ll\r');
      await reference.terminal.waitFor('still');
      await reference.close();
      expect([await place.has('sh'), await place.has('no-such-program')]).toEqual([true, false]);
    } finally {
      await place.close();
    }
  });

  test('leaves alone what ran on the server before the turn', async () => {
    const place = await LabPlace.open({ link: symmetric(1) });
    const [ip = '', ...words] = [...place.lab.server.prefix, 'sleep', '60'];
    const beside = spawn(ip, words, { stdio: 'ignore', detached: true });
    try {
      await vi.waitFor(() => expect(processIds(place.lab.server)).toContain(beside.pid));
      const usage = place.usage(SSH);
      const session = await place.open(SSH);
      session.terminal.type('(trap "" HUP; exec setsid sleep 61) & echo star""ted\r');
      await session.terminal.waitFor('started', 10_000);
      await session.close();
      await usage();
      const left = runningProcesses(place.lab.server).map(({ commandLine }) => commandLine);
      expect(left).toContain('sleep 60');
      expect(left).not.toContain('sleep 61');
    } finally {
      await place.close();
    }
  });

  test('says in one line why a shell shows no prompt', async () => {
    const place = await LabPlace.open({ link: symmetric(1) });
    try {
      const broken = customShell('broken', 'echo so sorry; exit 3');
      const failure = await place.open(broken).catch((error: unknown) => String(error));
      expect(failure).toMatch(/^Error: broken showed no prompt: the program ended with 3 .*so sorry$/);
      expect(failure).not.toContain('\n');
    } finally {
      await place.close();
    }
  });
});
