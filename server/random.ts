/** The operating system's randomness, as plain arrays: a Buffer's `slice` does not copy, and the core's secrets are wiped. */

import { webcrypto } from 'node:crypto';
import type { Random } from '../protocol/crypto/random.ts';

export const systemRandom: Random = (length) => webcrypto.getRandomValues(new Uint8Array(length));
