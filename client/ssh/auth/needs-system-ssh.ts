/** What ends a login that the built-in ssh cannot do and the system's can; found out on the way, unlike `Settings.handOver`. */

import { UserError } from '../../user-error.ts';

/** The login is to be done anew by the system's ssh; where there is none, the message is for the user. */
export class NeedsSystemSsh extends UserError {
  /** Why, in a few words. */
  readonly reason: string;

  constructor(reason: string) {
    super(`${reason}: use the system's ssh, --ssh=ssh`);
    this.reason = reason;
  }
}
