/**
 * Makes a clone ready: installs the dependencies when package-lock.json says others than node_modules holds, and bundles the
 * programs when a source is newer than dist. Every npm script calls it first, so each works as the first command ever typed.
 * Plain JavaScript on Node alone, since it runs before anything is installed.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const INSTALLED = join(ROOT, 'node_modules', '.rove-lock');
const BUNDLED = join(ROOT, 'dist', '.stamp');
const SOURCES = ['protocol', 'client', 'server', 'bench', 'test', 'build', 'package.json'];
const OLDEST_NODE = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  stop(
    `rove needs Node ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}: install a newer one from nodejs.org`,
  );
}

const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== lock) {
  mustBeWritable();
  process.stderr.write('rove: installing the dependencies (once)\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed: see its message above');
  writeFileSync(INSTALLED, lock);
}
if (!existsSync(BUNDLED) || newest(SOURCES.map((name) => join(ROOT, name))) > statSync(BUNDLED).mtimeMs) {
  mustBeWritable();
  run(process.execPath, [join(ROOT, 'build', 'bundle.mjs')], 'the build failed: see its message above');
  writeFileSync(BUNDLED, '');
}

function run(command, args, failure) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) stop(failure);
}

function mustBeWritable() {
  try {
    for (const path of [ROOT, join(ROOT, 'dist')]) if (existsSync(path)) accessSync(path, constants.W_OK);
  } catch {
    stop(`${ROOT} is not yours to build in: run "npm run build" there as its owner, or make a clone of your own`);
  }
}

function stop(why) {
  process.stderr.write(`rove: ${why}\n`);
  process.exit(1);
}

/** The newest modification below `paths`, in milliseconds since the epoch. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    const at = stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : 0;
    latest = Math.max(latest, stat.mtimeMs, at);
  }
  return latest;
}
