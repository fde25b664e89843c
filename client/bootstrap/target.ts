/** Where the user wants to go, as the command line says it; what ssh's configuration adds comes later (`ssh-config.ts`). */

/** A machine to be reached over ssh, in the user's own words. */
export interface RemoteTarget {
  /** As typed: a name, an address or an alias of the configuration. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFiles: readonly string[];
  /** Read instead of the user's and the system's configuration. */
  readonly configFile: string | undefined;
  readonly family: 4 | 6 | undefined;
  /** How often `-v` was given. */
  readonly verbosity: number;
  /** A command line that does the login in place of the built-in ssh. */
  readonly ssh: string | undefined;
  /** What starts the server over there, without its sub-command; the remote shell splits it. */
  readonly server: string;
}
