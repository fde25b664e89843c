/** `rove`: arguments in, exit status out. The status is the remote program's, or 255 for what went wrong on the way, as ssh's. */

import { parseOptions, USAGE, UsageError } from './options.ts';

const FAILED = 255;

try {
  // Whatever may still be open, the user waits for nothing any more.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`rove: ${error instanceof Error ? error.message : error}\n`);
  process.exit(FAILED);
}

async function main(arguments_: readonly string[]): Promise<number> {
  const options = parse(arguments_);
  switch (options.kind) {
    case 'refused':
      process.stderr.write(`rove: ${options.message}\n`);
      return FAILED;
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'version': {
      const { programVersion } = await import('./version.ts');
      process.stdout.write(`rove ${programVersion()}\n`);
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
    case 'session': {
      const { runShell } = await import('./shell.ts');
      return runShell(options.target, options.session);
    }
  }
}

function parse(arguments_: readonly string[]): ReturnType<typeof parseOptions> | { kind: 'refused'; message: string } {
  try {
    return parseOptions(arguments_);
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'refused', message: error.message };
    throw error;
  }
}
