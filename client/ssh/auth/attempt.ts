/**
 * One try to log in with a key, as RFC 4252 §7 sends it. `ssh2` cannot sign at once and knows no certificates and no security keys, so
 * a key is offered in this shape of ours, and the connection puts the request together; the other methods go in ssh2's own.
 */

import type { AnyAuthMethod } from 'ssh2';

/** A key or a certificate, offered with a signature of its private half. */
export interface PublicKeyAttempt {
  readonly type: 'signed-key';
  readonly username: string;
  /** As the request names it: `rsa-sha2-512`, `ssh-ed25519-cert-v01@openssh.com`. */
  readonly algorithm: string;
  /** The key or the certificate as it is sent. */
  readonly blob: Uint8Array;
  /**
   * Signs the session id and the request that follows it (RFC 4252 §7). Gives a whole signature as it is sent: string algorithm, string
   * signature, and whatever else the algorithm wants. May take as long as the user takes to type a passphrase or to touch a key. Rejects with
   * `UserError` when the login is over; with any other error when only this attempt is: then `next(null, null)` is to be called.
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
  /** Whether the server is to be asked first if it would take the key (SSH_MSG_USERAUTH_PK_OK), because the signature may cost the user something. */
  readonly probe: boolean;
}

/** What `Authentication` gives to try: a key, or a method in ssh2's shape. */
export type Attempt = PublicKeyAttempt | AnyAuthMethod;

/** What a server wants that calls a password expired (SSH_MSG_USERAUTH_PASSWD_CHANGEREQ): both passwords for the request that follows. */
export interface PasswordChange {
  readonly old: string;
  readonly new: string;
}
