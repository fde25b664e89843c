/**
 * Overwriting secrets after their last use. It covers our own arrays only: the engine may have moved an array before, and
 * the libraries below use BigInts, which nobody can overwrite. "Keys" in SPEC.md says what that means.
 */

/** Fills every array with zeros. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
