/** Where the user wants to go, as the command line says it; what ssh's configuration adds comes later (`config/resolve.ts`). */

/** A machine to be reached over ssh, in the user's own words. */
export interface RemoteTarget {
  /** As typed: a name, an address or an alias of the configuration. */
  readonly host: string;
  /** Read instead of the user's and the system's configuration. */
  readonly configFile: string | undefined;
  /** The options of the command line as lines of ssh_config(5), `Keyword=value`, in their order: they come before every file. */
  readonly directives: readonly string[];
  /** What happens when there is no rove-server over there. */
  readonly install: 'ask' | 'always' | 'never';
  /** A command line that does the login in place of the built-in ssh. */
  readonly ssh: string | undefined;
  /** What starts the server over there, without its sub-command; the remote shell splits it. */
  readonly server: string;
}
