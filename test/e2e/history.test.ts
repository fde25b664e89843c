/** What has scrolled off, with the real programs: in the scrollback of a terminal, which is tmux, and in the pager. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import type { Lab } from '../../bench/lab/lab.ts';
import { PROMPT } from '../../bench/lab/lab.ts';
import { symmetric } from '../../bench/link/link.ts';
import { MISSING, SUBJECT, withLab } from './subject.ts';
import { TmuxPane, tmuxMissing } from './tmux-pane.ts';

const WHY_NOT = MISSING ?? tmuxMissing() ?? (SUBJECT.name === 'rove' ? undefined : `${SUBJECT.name} has no history`);
const WAIT_MS = 20_000;

async function withPane(use: (pane: TmuxPane, lab: Lab) => Promise<void>): Promise<void> {
  await withLab({ link: symmetric(20) }, async (lab) => {
    const folder = join(lab.serverHome, '..', 'pane');
    mkdirSync(folder, { mode: 0o700 });
    const pane = await TmuxPane.open({
      folder,
      name: 'pane',
      command: [...lab.client.prefix, ...SUBJECT.commandLine(lab)],
      env: { HOME: join(lab.serverHome, '..', 'client-home') },
      cols: 60,
      rows: 12,
    });
    try {
      await pane.waitFor(new RegExp(PROMPT.trimEnd().replace('$', '\\$')), WAIT_MS);
      await use(pane, lab);
    } finally {
      await pane.close();
    }
  });
}

/** The lines of the scrollback and the screen that are nothing but digits. */
async function numbers(pane: TmuxPane): Promise<number[]> {
  const { lines } = await pane.state(true);
  return lines.filter((line) => /^\d+$/.test(line)).map(Number);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe.skipIf(WHY_NOT !== undefined).concurrent(`the history${WHY_NOT ? ` (skipped: ${WHY_NOT})` : ''}`, () => {
  test('~h pages it, while the session goes on, and gives the screen back', async ({ expect }) => {
    await withPane(async (pane) => {
      await pane.type('seq 1 300; (sleep 4; echo; seq 301 320) &\r');
      await pane.waitFor(/^300$/m, WAIT_MS);
      await pane.type('~h');
      await pane.waitFor(/^history: /m, WAIT_MS);
      await pane.type('g');
      await pane.waitFor(/^1\n2\n3\n/m, WAIT_MS);
      await pane.type('/255\r');
      await pane.waitFor(/^255\n256\n/, WAIT_MS);
      await sleep(4_500);
      await pane.waitFor(/^255\n256\n/, WAIT_MS);
      await pane.type('q');
      await pane.waitFor(/^319\n320\n/m, WAIT_MS);
      expect(await pane.text()).not.toContain('history:');
      await expect.poll(() => numbers(pane), { timeout: WAIT_MS }).toEqual(upTo(320));
    });
  });

  test('no line of an outage is missing in the scrollback', async ({ expect }) => {
    await withPane(async (pane, lab) => {
      await pane.type('(sleep 2; echo; seq 1 200; sleep 2; seq 201 400) &\r');
      await sleep(1_000);
      await lab.link.setOutage(true);
      await sleep(6_000);
      await lab.link.setOutage(false);
      await pane.waitFor(/^400$/m, WAIT_MS);
      await expect.poll(() => numbers(pane), { timeout: WAIT_MS }).toEqual(upTo(400));
    });
  });
});
