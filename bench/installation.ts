/**
 * Where the programs of this installation are, seen from wherever this code runs: from the sources or from a bundle in dist.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Program = 'rove' | 'rove-server' | 'link';

/** The path of a bundled program, to be run by Node. Throws when it has not been built. */
export function builtProgram(program: Program): string {
  const path = programPath(program);
  if (!existsSync(path)) throw new Error(`dist/${program}.mjs is not built: run node build/ensure.mjs first`);
  return path;
}

export function isBuilt(program: Program): boolean {
  return existsSync(programPath(program));
}

function programPath(program: Program): string {
  return join(root(), 'dist', `${program}.mjs`);
}

/** The folder of package.json. */
function root(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('there is no package.json above the bench: it was moved out of its package');
    folder = parent;
  }
  return folder;
}
