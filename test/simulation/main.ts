/**
 * `npm run sim -- --seed N` replays one simulation and says what it came to; `--seeds A:B` runs the seeds from A to B, B excluded;
 * `--show` prints the scenario.
 */

import process from 'node:process';
import { parseArgs } from 'node:util';
import { drawScenario } from './scenario.ts';
import { simulate } from './world.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, show: { type: 'boolean', default: false } },
});
const [first, end] =
  values.seed !== undefined
    ? [Number(values.seed), Number(values.seed) + 1]
    : (values.seeds ?? '0:2000').split(':').map(Number);
if (
  first === undefined ||
  end === undefined ||
  !Number.isSafeInteger(first) ||
  !Number.isSafeInteger(end) ||
  first < 0
) {
  console.error('sim: give --seed N or --seeds FIRST:END, integers from 0');
  process.exit(2);
}

let failed = 0;
const startedAt = process.hrtime.bigint();
for (let seed = first; seed < end; seed++) {
  if (values.show) console.log(JSON.stringify(drawScenario(seed), undefined, 2));
  try {
    const outcome = simulate(seed);
    if (values.seed !== undefined) console.log({ ...outcome, scenario: undefined });
  } catch (error) {
    failed++;
    console.log(error instanceof Error ? error.message : error);
    if (values.seed !== undefined) console.log(error);
  }
}
const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
console.log(`${end - first} seeds, ${failed} failed, ${seconds.toFixed(1)} s`);
process.exit(failed > 0 ? 1 : 0);
