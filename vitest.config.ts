import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The end-to-end tests drive real programs over real links, so they wait until the processor is theirs. Most of their time they wait for
// the network they emulate: two files at a time, however few processors there are.
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // What the client remembers of its hosts is the user's, not the tests'.
    env: { XDG_CACHE_HOME: join(tmpdir(), 'rove-test-cache') },
    projects: [
      {
        extends: true,
        test: { name: 'core', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/secrets.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      // Ten networks at once: as much as a small machine bears.
      { extends: true, test: { name: 'secrets', include: ['test/e2e/secrets.test.ts'], sequence: { groupOrder: 2 } } },
    ],
  },
});
