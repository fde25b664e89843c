/**
 * `rove bench`: the lab that measures shells is a program of its own, in a file beside this one, and reads its own arguments.
 * It is found by its place and not imported by name: the client knows nothing of it, and can be installed without it.
 */

import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LAB = 'latency.mjs';

/** Runs the lab with `words`; it ends this process itself. Gives the exit status if there is none to run. */
export async function runBench(words: readonly string[]): Promise<number> {
  const places = [`./${LAB}`, `../dist/${LAB}`].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    process.stderr.write(
      'rove: bench is not in this installation: make a clone of rove and run npm run bench:latency\n',
    );
    return 255;
  }
  // From here on this process looks as if it had been started as the lab.
  process.argv.splice(1, process.argv.length, found, ...words);
  await import(pathToFileURL(found).href);
  return 0;
}
