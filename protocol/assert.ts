/** The assertion for our own bugs, kept in production (TigerBeetle's rule: better to stop than to go on wrongly). */

/** Throws when `condition` is false. Never for input from outside: that is a `DecodeError` or a `DropReason`. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${why}. This is a bug in rove`);
}
