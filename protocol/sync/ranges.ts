/** Sets of integers as half-open ranges, ascending and apart from each other: what of a stream or a diff has arrived, or is missing. */

export interface Range {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** `ranges` with `range` added. */
export function addRange(ranges: readonly Range[], range: Range): Range[] {
  let { from, to } = range;
  const before: Range[] = [];
  const after: Range[] = [];
  for (const other of ranges) {
    if (other.to < from) before.push(other);
    else if (other.from > to) after.push(other);
    else {
      from = Math.min(from, other.from);
      to = Math.max(to, other.to);
    }
  }
  return [...before, { from, to }, ...after];
}

/** `ranges` without `range`. */
export function removeRange(ranges: readonly Range[], range: Range): Range[] {
  return ranges.flatMap((other) =>
    [
      { from: other.from, to: Math.min(other.to, range.from) },
      { from: Math.max(other.from, range.to), to: other.to },
    ].filter((piece) => piece.from < piece.to),
  );
}
