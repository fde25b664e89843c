/**
 * Bundles each program into one file under dist. One file, because a cold start is part of the product: loading the unbundled
 * modules takes some 45 ms longer. The ssh library has a file of its own: the client is on its way to the host while it reads that.
 * What holds a native binary stays outside and is loaded from node_modules.
 */

import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const PROGRAMS = {
  rove: 'client/main.ts',
  'rove-server': 'server/main.ts',
  bench: 'bench/main.ts',
  latency: 'bench/latency/main.ts',
  link: 'bench/link/main.ts',
  sim: 'test/simulation/main.ts',
};
const SSH_LIBRARY = 'ssh2';

await build({
  absWorkingDir: ROOT,
  entryPoints: { ...PROGRAMS, [SSH_LIBRARY]: join('node_modules', SSH_LIBRARY, 'lib', 'index.js') },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  external: [
    '@homebridge/node-pty-prebuilt-multiarch',
    'cpu-features',
    '*.node',
    'koffi',
    '@xterm/headless',
    'blessed',
  ],
  plugins: [{ name: 'ssh library apart', setup: keepSshLibraryApart }],
  // The CommonJS packages inside a bundle (ssh2) call require and look at __dirname.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);\nconst __dirname = import.meta.dirname;",
  },
});

for (const program of Object.keys(PROGRAMS)) chmodSync(join(ROOT, 'dist', `${program}.mjs`), 0o755);

/** Has what imports the ssh library load the file beside it. */
function keepSshLibraryApart(build) {
  build.onResolve({ filter: new RegExp(`^${SSH_LIBRARY}$`) }, () => ({ path: `./${SSH_LIBRARY}.mjs`, external: true }));
}
