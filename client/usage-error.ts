/** The error of a command line that cannot be obeyed; what the program can't do although it was asked rightly is a `UserError`. */

import { printable } from './printable.ts';

/** Of a message, in which the user's own words may be. */
const LENGTH_MAX = 400;

/** The message is one line that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(printable(message, { lengthMax: LENGTH_MAX }));
  }
}
