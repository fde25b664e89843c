/**
 * RevokedHostKeys (ssh_config(5)): a file of public keys, one a line as in a `.pub` file, of hosts or of authorities, that are never good. If it
 * cannot be read no host is trusted. The binary form of ssh-keygen(1), a KRL, is left to the system's ssh.
 */

import { UserError } from '../../user-error.ts';
import { NeedsSystemSsh } from '../auth/needs-system-ssh.ts';
import { parsePublicKey } from '../auth/public-key.ts';
import { readKnownHosts } from './known-hosts-file.ts';

/** How a KRL begins (OpenSSH's PROTOCOL.krl). */
const KRL_MAGIC = 'SSHKRL\n\0';

/** The keys that are revoked, as ssh sends them. Throws `UserError` if the file is not there, and `NeedsSystemSsh` if it is a KRL. */
export async function readRevokedKeys(file: string): Promise<Uint8Array[]> {
  const text = await readKnownHosts(file).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `RevokedHostKeys ${file} cannot be read, so no host can be trusted: correct it or its permissions`,
    );
  });
  if (text === undefined) {
    throw new UserError(`RevokedHostKeys ${file} is not there, so no host can be trusted: correct or remove that line`);
  }
  if (text.startsWith(KRL_MAGIC)) throw new NeedsSystemSsh(`RevokedHostKeys ${file} is a KRL, which is not built in`);
  return text.split('\n').flatMap((line) => parsePublicKey(line)?.blob ?? []);
}
