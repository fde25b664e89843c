/** Why something that was asked for cannot be had, for the person who asked. */

/** An error of the environment: `message` is one line that says what to do, `code` is for programs (an answer's `code`). */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The code by which an answer names what was thrown: a Failure's own, `request` for what could not be decoded, or `bug`. */
export function failureCode(error: unknown): string {
  if (error instanceof Failure) return error.code;
  return error instanceof Error && error.name === 'DecodeError' ? 'request' : 'bug';
}

/** The `code` of a system error (`ENOENT`), or an empty string. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
