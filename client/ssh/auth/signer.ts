/**
 * How the signature of a key comes about: by the agent, by a file that lies open, by a file behind a passphrase once the user has given it,
 * or not at all here, since the key is out of reach.
 */

import type { Agent } from './agent.ts';
import { NeedsSystemSsh } from './needs-system-ssh.ts';
import type { PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';

/** Signs with one key. */
export interface Signer {
  /** Where the key is, harmless to show. */
  readonly name: string;
  /**
   * What a signature costs the user: `perhaps` a touch or a dialog that nothing tells of beforehand, so that the server is asked first whether it
   * would take the key; a `passphrase`, which is not asked for in batch mode either.
   */
  readonly cost: 'nothing' | 'perhaps' | 'passphrase';
  /** A whole signature by `algorithm`, that of the bare key also where a certificate is offered. Rejects if there will be none. */
  sign(data: Uint8Array, algorithm: string): Promise<Uint8Array>;
  /** The key that was read from a file, once it has been. */
  loaded(): { readonly path: string; readonly key: PrivateKey } | undefined;
}

/** The user did not give what it takes to sign: no fault of the key's. */
export class NotGiven extends Error {}

/**
 * The agent signs with a key or a certificate that it lists. The token of a security key wants to be touched; and many an agent asks the user
 * about each signature, which he expects for a key that is `meant` for the host, but not for others that happen to be there.
 */
export function agentSigner(agent: Agent, held: PublicKey, name: string, meant: boolean): Signer {
  return {
    name,
    cost: meant && !held.type.startsWith('sk-') ? 'nothing' : 'perhaps',
    sign: (data, algorithm) => agent.sign(held.blob, data, algorithm),
    loaded: () => undefined,
  };
}

/** A key from a file that is not locked; without `path` one that never was in a file. */
export function openSigner(key: PrivateKey, name: string, path: string | undefined): Signer {
  return {
    name,
    cost: 'nothing',
    sign: async (data, algorithm) => key.sign(data, algorithm),
    loaded: () => (path === undefined ? undefined : { path, key }),
  };
}

/** A key behind a passphrase, which `unlock` asks for: once, however often it is to sign. */
export function lockedSigner(path: string, unlock: () => Promise<PrivateKey | undefined>): Signer {
  let unlocking: Promise<PrivateKey | undefined> | undefined;
  let key: PrivateKey | undefined;
  return {
    name: path,
    cost: 'passphrase',
    async sign(data, algorithm) {
      unlocking ??= unlock();
      key = await unlocking;
      if (key === undefined) throw new NotGiven('the passphrase was not given');
      return key.sign(data, algorithm);
    },
    loaded: () => (key === undefined ? undefined : { path, key }),
  };
}

/** A key that only the system's ssh can use, for the reason `why`; the login goes there if the server would take the key. */
export function foreignSigner(path: string, why: string): Signer {
  return {
    name: path,
    cost: 'perhaps',
    async sign() {
      throw new NeedsSystemSsh(why);
    },
    loaded: () => undefined,
  };
}
