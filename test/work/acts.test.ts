import { describe, expect, test } from 'vitest';
import { Lab, labMissing } from '../../bench/lab/lab.ts';
import { SSH } from '../../bench/lab/shells.ts';
import { symmetric } from '../../bench/link/link.ts';
import { diceFrom } from '../../bench/link/random.ts';
import type { Act, Stage } from '../../bench/work/act.ts';
import { ADDRESS_CHANGE } from '../../bench/work/address-change.ts';
import { ACTS } from '../../bench/work/catalogue.ts';
import { FLOOD } from '../../bench/work/flood.ts';
import { idleAct } from '../../bench/work/idle.ts';
import { OUTAGE } from '../../bench/work/outage.ts';
import { PASTE } from '../../bench/work/paste.ts';
import { clearPrompt, isAtPrompt } from '../../bench/work/prompt.ts';
import { TOP } from '../../bench/work/top.ts';
import { missingPrograms, withBash } from './rehearsal.ts';

const RTT_MS = 20;
const MISSING = labMissing();

function needing(act: Act, what: string): string {
  const missing = missingPrograms(act);
  return missing.length === 0 ? what : `${what} (left out: no ${missing.join(', ')})`;
}

/** Plays an act in bash without a network. */
async function playInBash(act: Act, rest: Omit<Stage, 'terminal' | 'dice'> = {}): Promise<ReturnType<Act['play']>> {
  return await withBash(act.files, async (terminal) => {
    const measures = await act.play({ terminal, dice: diceFrom(1), ...rest });
    expect(isAtPrompt(terminal)).toBe(true);
    expect(terminal.screenText().trimEnd()).toBe('lab$');
    return measures;
  });
}

describe.concurrent('acts', () => {
  test.skipIf(missingPrograms(PASTE).length > 0)(needing(PASTE, 'a paste arrives, and its end is timed'), async () => {
    const { pasteMs } = await playInBash(PASTE);
    expect(pasteMs).toBeGreaterThan(0);
  });

  test.skipIf(missingPrograms(PASTE).length > 0)('a paste that was changed on the way is no figure', async () => {
    await withBash({}, async (terminal) => {
      terminal.type('head() { command head "$@" | tr a-m A-M; }\r');
      await clearPrompt(terminal);
      await expect(PASTE.play({ terminal, dice: diceFrom(1) })).rejects.toThrow('not what arrived');
    });
  });

  test.skipIf(missingPrograms(FLOOD).length > 0)(needing(FLOOD, 'a flood is interrupted'), async () => {
    const { interruptMs, promptAfterInterruptMs } = await playInBash(FLOOD);
    expect(interruptMs).toBeGreaterThan(0);
    expect(promptAfterInterruptMs).toBeGreaterThanOrEqual(interruptMs ?? Number.NaN);
  });

  test.skipIf(missingPrograms(TOP).length > 0)(needing(TOP, 'top is seen to move'), async () => {
    const { framesPerSecond } = await playInBash(TOP);
    expect(framesPerSecond).toBeGreaterThan(0);
  });

  test('the packets of an idle session are counted by the minute', async () => {
    let packets = 0;
    const traffic = () => {
      packets += 2;
      return Promise.resolve({ upPackets: packets, upBytes: 100 * packets, downPackets: packets, downBytes: 0 });
    };
    const network = { traffic, move: () => Promise.resolve(), setOutage: () => Promise.resolve() };
    const { idlePacketsPerMinute, idleBytesPerMinute } = await playInBash(idleAct(1, 1), { network });
    // Four packets in a second and a little.
    expect(idlePacketsPerMinute).toBeGreaterThan(0);
    expect(idlePacketsPerMinute).toBeLessThanOrEqual(240.5);
    expect((idleBytesPerMinute ?? 0) / (idlePacketsPerMinute ?? 0)).toBeCloseTo(50);
  });

  test('those that need a network say so where there is none to see', async () => {
    await withBash({}, async (terminal) => {
      for (const act of ACTS.filter(({ needsNetwork }) => needsNetwork)) {
        await expect(act.play({ terminal, dice: diceFrom(1) })).rejects.toThrow(/^there is no network here/);
      }
    });
  });

  test.skipIf(MISSING !== undefined)(
    `over ssh: an outage is recovered from, another address is not${MISSING === undefined ? '' : ` (left out: ${MISSING})`}`,
    async () => {
      const lab = await Lab.open({ link: symmetric(RTT_MS) });
      try {
        const terminal = lab.start(SSH.commandLine(lab));
        await terminal.waitFor('lab$');
        const network = {
          move: () => lab.client.setAddresses(['10.9.77.7/32', 'fd09:77::7/128']),
          setOutage: (on: boolean) => lab.link.setOutage(on),
          traffic: () => Promise.reject(new Error('not asked for here')),
        };
        const stage = { terminal, dice: diceFrom(1), network };
        const { recoverMs } = await OUTAGE.play(stage);
        expect(recoverMs).toBeTypeOf('number');
        expect(await ADDRESS_CHANGE.play(stage)).toEqual({ recoverMs: null });
      } finally {
        await lab.close();
      }
    },
    60_000,
  );
});
