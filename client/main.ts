/** `rove`: arguments in, exit status out. The status is the remote program's, or 255 for what went wrong on the way, as ssh's. */

import { FAILED } from './failure.ts';
import { parseOptions } from './options.ts';
import { USAGE } from './usage.ts';
import { UsageError } from './usage-error.ts';
import { UserError } from './user-error.ts';

try {
  // Whatever may still be open, the user waits for nothing any more.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`rove: ${error instanceof Error ? error.message : error}\n`);
  if (error instanceof Error && !(error instanceof UsageError || error instanceof UserError)) {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exit(FAILED);
}

async function main(arguments_: readonly string[]): Promise<number> {
  const options = parseOptions(arguments_);
  switch (options.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'version':
    case 'version-of-ssh': {
      const { programVersion } = await import('./version.ts');
      const stream = options.kind === 'version' ? process.stdout : process.stderr;
      stream.write(`rove ${programVersion()}\n`);
      return 0;
    }
    case 'bench': {
      const { runBench } = await import('./bench.ts');
      return runBench(options.words);
    }
    case 'copy-id': {
      const { runCopyId } = await import('./copy-id/copy-id.ts');
      return runCopyId(options.words);
    }
    case 'completion': {
      const { runCompletion } = await import('./completion/completion.ts');
      return runCompletion(options.words);
    }
    case 'configuration': {
      const { dumpSettings } = await import('./ssh/config/dump.ts');
      process.stdout.write(await dumpSettings(options.target));
      return 0;
    }
    case 'session': {
      const { start } = await import('./start.ts');
      return start(options);
    }
  }
}
