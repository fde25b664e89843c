/**
 * The one error of the bootstrap: something between the user's command and the server's answer went wrong. Its message is one
 * line for the user that says what to do; the program prints it and ends with ssh's status for such cases, 255.
 */

/** A bootstrap that did not come about. `message` is one line, ready to be shown. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError';
}
