/**
 * Where the files of this installation are: beside the program that runs, whether that is a clone, a global `npm install`, or the sources
 * under a test.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of rove's package.json. Throws where there is none above this file. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('there is no package.json above the program: it was moved out of its package');
    folder = parent;
  }
  return folder;
}

/** The folder of an installed package; undefined if it is not there. `from` is a package that depends on it, rove by default. */
export function dependencyFolder(name: string, from: string = packageFolder()): string | undefined {
  for (const folder of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    if (existsSync(join(folder, name, 'package.json'))) return join(folder, name);
  }
  return undefined;
}
