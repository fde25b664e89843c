/** What can be kept in step: a state with a diff and a patch. The sync knows nothing else of it. */

export interface SyncCodec<State> {
  /** The bytes that turn `from` into `to`. */
  diff(from: State, to: State): Uint8Array;
  /** The state that `diff` makes of `base`; throws `DecodeError` on bytes that can't be such a diff. */
  patch(base: State, diff: Uint8Array): State;
  /** The bytes of memory that `state` takes at most, roughly: states may share parts. */
  size(state: State): number;
}
