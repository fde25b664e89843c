/**
 * The lab that measures shells: `rove bench`, or `npm run bench:latency`. Arguments in, a report out.
 */

import process from 'node:process';
import { BENCH_USAGE, BenchUsageError, parseBenchOptions } from './options.ts';

async function main(words: readonly string[]): Promise<number> {
  const options = parseBenchOptions(words, { links: [], works: [], shells: ['rove', 'ssh', 'mosh'] });
  switch (options.kind) {
    case 'help':
      process.stdout.write(BENCH_USAGE);
      return 0;
    case 'list':
      process.stdout.write('shells: rove, ssh, mosh\n');
      return 0;
    case 'run':
      process.stdout.write(`${JSON.stringify(options)}\n`);
      return 0;
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`rove bench: ${error instanceof Error ? error.message : error}\n`);
  process.exit(error instanceof BenchUsageError ? 2 : 1);
}
