/**
 * The reason why rove exists, with the real programs over an emulated link: the network changes, breaks or sleeps while
 * someone types, and afterwards no key is lost or doubled and the screen is right. Sixty seconds are sixty seconds here, so
 * the scenarios run side by side, each in namespaces of its own.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runningProcesses } from '../../bench/lab/process-usage.ts';
import type { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import { symmetric } from '../../bench/link/link.ts';
import { checkDictation, dictate } from './dictation.ts';
import { MISSING, SUBJECT, titled, withSession } from './subject.ts';

const LINK = { ...symmetric(40, { jitterMs: 5 }), nat: true };
/** "The server has been silent for so long", in mosh's words and in ours. */
const BAR = /^(rove: no|mosh: last contact)/im;

describe.skipIf(MISSING !== undefined).concurrent(titled(`roaming with ${SUBJECT.name}`), () => {
  test('both directions cut for 60 s', { timeout: 120_000 }, async () => {
    await withSession({ link: LINK }, async (session) => {
      const { lab, terminal } = session;
      const typist = await dictate(session, 'silence');
      await typist.lines(25);
      await lab.link.setOutage(true);
      const bar = terminal.waitFor(BAR, 30_000);
      await sleep(60_000);
      await bar;
      await lab.link.setOutage(false);
      await barGone(terminal);
      await typist.lines(25);
      await checkDictation(session, typist);
    });
  });

  test('the client stopped for 60 s', { timeout: 120_000 }, async () => {
    await withSession({ link: LINK }, async (session) => {
      const { lab, terminal } = session;
      const typist = await dictate(session, 'flow');
      await typist.lines(25);
      const clients = runningProcesses(lab.client).filter(({ commandLine }) => SUBJECT.isClient(commandLine));
      expect(clients.length).toBeGreaterThan(0);
      for (const { pid } of clients) process.kill(pid, 'SIGSTOP');
      await sleep(60_000);
      for (const { pid } of clients) process.kill(pid, 'SIGCONT');
      await typist.lines(25);
      await barGone(terminal);
      await checkDictation(session, typist);
    });
  });

  test("the client's address changes while output flows", async () => {
    await withSession({ link: LINK }, async (session) => {
      const typist = await dictate(session, 'flow');
      await typist.lines(25);
      await session.lab.client.setAddresses(['10.9.33.7/32', 'fd09:33::7/128']);
      await typist.lines(50);
      await session.lab.client.setAddresses(['10.9.44.7/32', 'fd09:44::7/128']);
      await typist.lines(50);
      await barGone(session.terminal);
      await checkDictation(session, typist);
    });
  });

  test("the client's address changes while nothing happens, with no network at all for a while", async () => {
    await withSession({ link: LINK }, async (session) => {
      const { lab, terminal } = session;
      const before = await dictate(session, 'silence');
      await before.lines(25);
      await checkDictation(session, before);
      await lab.client.setAddresses([]);
      await sleep(3000);
      await lab.client.setAddresses(['10.9.33.7/32', 'fd09:33::7/128']);
      await sleep(1000);
      const after = await dictate(session, 'silence');
      await after.lines(25);
      await barGone(terminal);
      await checkDictation(session, after);
    });
  });

  test('the NAT in between gives the client a new port', async () => {
    await withSession({ link: LINK }, async (session) => {
      const typist = await dictate(session, 'flow');
      for (let turn = 0; turn < 3; turn++) {
        await typist.lines(25);
        await session.lab.link.rebind();
      }
      await typist.lines(25);
      await barGone(session.terminal);
      await checkDictation(session, typist);
    });
  });

  // mosh keeps to the family it began with.
  test.skipIf(SUBJECT.name !== 'rove')('IPv4 is gone and IPv6 is there, and the other way round', async () => {
    await withSession({ link: LINK }, async (session) => {
      const typist = await dictate(session, 'flow');
      await typist.lines(25);
      await session.lab.client.setAddresses(['fd09::2/128']);
      await typist.lines(75);
      await barGone(session.terminal);
      await session.lab.client.setAddresses(['10.9.0.2/32']);
      await typist.lines(75);
      await barGone(session.terminal);
      await checkDictation(session, typist);
    });
  });
});

async function barGone(terminal: ScreenTerminal): Promise<void> {
  await terminal.waitFor(() => !BAR.test(terminal.screenText()), 15_000);
}
