/** What is asked of tc, word by word; and what it answers. */

import { expect, test } from 'vitest';
import { namespacesMissing } from '../../bench/link/namespace.ts';
import { netemArguments, netemCounts, netemMissing } from '../../bench/link/netem.ts';

const START = 'qdisc replace dev eth0 root netem limit';

test.each([
  [{}, `${START} 65536`],
  [{ delayMs: 136.5 }, `${START} 65536 delay 136500us`],
  [{ loss: 0.29 }, `${START} 65536 loss random 29%`],
  // 10 to 30 ms are 20 ± 10, and the rate keeps the order.
  [{ delayMs: 10, jitterMs: 20 }, `${START} 65536 delay 20000us 10000us rate 10000000000bit`],
  [{ burst: { enter: 0.01, leave: 0.3 }, loss: 0.05 }, `${START} 65536 loss gemodel 1% 30% 100% 5%`],
  [{ delayMs: 10, reorder: 0.1, duplicate: 0.02 }, `${START} 65536 delay 10000us duplicate 2% reorder 10%`],
  // 20 packets of queue, and 42 kB that are under way for 50 ms.
  [{ rateBps: 6.72e6, queueBytes: 30_000, delayMs: 50 }, `${START} 48 delay 50000us rate 6720000bit`],
])('%j becomes one netem', (options, words) => {
  expect(netemArguments('eth0', options).join(' ')).toBe(words);
  expect(netemArguments('eth0', options, 7).join(' ')).toBe(`${words} seed 7`);
});

test('what netem cannot do is refused', () => {
  expect(() => netemArguments('eth0', { trace: [1] })).toThrow('netem cannot replay a trace: leave out --netem');
  expect(() => netemArguments('eth0', { reorder: 0.1 })).toThrow('netem reorders only with a delay');
  expect(() => netemArguments('eth0', { loss: 3 })).toThrow('loss must lie within 0 and 1');
});

test('counts are those of the packets themselves, without Ethernet', () => {
  const json = '[{"kind":"netem","root":true,"bytes":980,"packets":10,"drops":4,"backlog":0,"qlen":1}]';
  expect(netemCounts(json)).toMatchObject({ packets: 15, bytes: 840, delivered: 10, dropped: { loss: 4 } });
  expect(netemCounts('[]')).toMatchObject({ packets: 0, bytes: 0 });
});

test.skipIf(namespacesMissing() !== undefined)(
  'a kernel without netem is said to be one, with what to do',
  async () => {
    const missing = await netemMissing();
    if (missing !== undefined) expect(missing).toMatch(/^[^\n]*(netem|tc)[^\n]*: [^\n]+leave out --netem$/);
  },
);
