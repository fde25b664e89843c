/**
 * The error that the user is to read: something between the command and its outcome went wrong, and the message says in one line what to
 * do. The program prints it and ends with ssh's status for such cases, 255; every other error is a fault of ours.
 */

/** An error whose `message` is one line, ready to be shown. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
