/**
 * `record [NAME …]` records the sessions of the corpus anew, all or those named; `[RTT …]` prints how the engine does on them at those
 * round trips (80, 273 and 500 ms), by program. `--held-out` takes those that are held out, `--sessions` tells each, `--wrong` and `--late` list what went
 * wrong, `--jitter MS` and `--loss SHARE` make the link worse,
 * `--busy SHARE` of the keys is answered by the program up to 200 ms late.
 */

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus.ts';
import { record } from './recorder.ts';
import { encodeRecording } from './recording.ts';
import { SESSIONS } from './sessions.ts';

const FOLDER = 'test/fixtures/sessions/';
/** Sessions recorded at a time: they are mostly pauses. */
const AT_ONCE = 6;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'held-out': { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
    sessions: { type: 'boolean', default: false },
    late: { type: 'boolean', default: false },
    jitter: { type: 'string', default: '0' },
    loss: { type: 'string', default: '0' },
    busy: { type: 'string', default: '0' },
  },
});
const [command, ...names] = positionals;
if (command === 'record') await recordSessions(names);
else score(positionals.length === 0 ? [80, 273, 500] : positionals.map(Number));

async function recordSessions(wanted: readonly string[]): Promise<void> {
  const waiting = SESSIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        const recording = await record(next);
        const bytes = encodeRecording(recording);
        writeFileSync(`${FOLDER}${next.name}.jsonl.gz`, bytes);
        console.log(`${next.name}: ${next.keys.length} keys, ${recording.events.length} events, ${bytes.length} bytes`);
      } catch (error) {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function score(roundTrips: readonly number[]): void {
  const corpus = new Corpus(values['held-out']);
  for (const rttMs of roundTrips) {
    const { byProgram, all, results } = corpus.score({
      rttMs,
      jitterMs: Number(values.jitter),
      loss: Number(values.loss),
      busyShare: Number(values.busy),
      busyMs: 200,
    });
    console.log(`rtt ${rttMs} ms      letters  at once    whole    wrong`);
    for (const [program, found] of [...byProgram, ['all', all] as const]) {
      const share = (count: number): string =>
        `${((100 * count) / Math.max(1, found.letters)).toFixed(1)} %`.padStart(9);
      const { letters, atOnce, whole, wrong } = found;
      console.log(`${program.padEnd(14)}${`${letters}`.padStart(9)}${share(atOnce)}${share(whole)}${share(wrong)}`);
    }
    for (const [name, { late, mistakes, letters, atOnce, wrong }] of results) {
      if (values.sessions) console.log(`  ${name.padEnd(20)} ${atOnce} of ${letters} at once, ${wrong} wrong`);
      if (values.late) for (const line of late) console.log(`${name}: ${line}`);
      if (values.wrong) for (const line of mistakes) console.log(`${name}: ${line}`);
    }
  }
}
