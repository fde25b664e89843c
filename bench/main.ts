/**
 * The benchmarks: `npm run bench` runs all that this machine allows, `npm run bench -- screen flood` those named. Figures are
 * printed beside the machine's own and beside those of the peers in the same run, and asserted nowhere.
 */

import { cpus } from 'node:os';
import process from 'node:process';

interface Benchmark {
  readonly name: string;
  /** Loaded only if it is run: one must not cost the others memory or warmth. */
  readonly load: () => Promise<() => Promise<readonly string[]>>;
}

/** In process first; then those that need root, namespaces and peers. Each says itself what it misses. */
const BENCHMARKS: readonly Benchmark[] = [
  { name: 'emulator', load: async () => (await import('./emulator.ts')).benchEmulator },
  { name: 'screen', load: async () => (await import('./screen.ts')).benchScreens },
  { name: 'drawing', load: async () => (await import('./drawing.ts')).benchDrawing },
  { name: 'crypto', load: async () => (await import('./crypto.ts')).benchCrypto },
  { name: 'handshake', load: async () => (await import('./handshake.ts')).benchHandshake },
  { name: 'start', load: async () => (await import('./start.ts')).benchStart },
  { name: 'echo', load: async () => (await import('./echo.ts')).benchEcho },
  { name: 'flood', load: async () => (await import('./flood.ts')).benchFlood },
  { name: 'memory', load: async () => (await import('./memory.ts')).benchMemory },
];

async function main(words: readonly string[]): Promise<number> {
  const names = BENCHMARKS.map(({ name }) => name);
  const unknown = words.find((word) => !names.includes(word));
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no benchmark ${unknown}: choose from ${names.join(', ')}\n`);
    return 2;
  }
  const [cpu] = cpus();
  const machine = [cpu?.model ?? 'unknown CPU', `${cpus().length} cores`, `Node ${process.version}`, process.platform];
  process.stdout.write(`${machine.join(', ')}, ${new Date().toISOString().slice(0, 16)}Z\n`);
  let failures = 0;
  for (const { name, load } of BENCHMARKS) {
    if (words.length > 0 && !words.includes(name)) continue;
    process.stdout.write(`\n${name}\n`);
    try {
      const run = await load();
      for (const line of await run()) process.stdout.write(`  ${line}\n`);
    } catch (error) {
      failures++;
      process.stdout.write(`  failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  return failures > 0 ? 1 : 0;
}

process.exit(await main(process.argv.slice(2)));
