/**
 * The ssh library, loaded when the first connection needs it: it takes some 50 ms, which the wait for the network hides, since it is
 * in a file of its own in the built program too (build/bundle.mjs). It is CommonJS, whose names Node does not all find by itself; a
 * bundle has them.
 */

/** What `ssh2` exports. */
export type Ssh2 = typeof import('ssh2');

/** Loads it, once. */
export async function loadSsh2(): Promise<Ssh2> {
  const module: Ssh2 & { readonly default?: Ssh2 } = await import('ssh2');
  return module.default ?? module;
}
