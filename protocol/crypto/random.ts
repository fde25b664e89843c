/** Where randomness comes from: an argument, so that the core stays pure and a simulation can replay it from a seed. */

/**
 * Returns `length` fresh random bytes, owned by the caller. In the programs it is the operating system's generator
 * (`crypto.randomBytes`, `crypto.getRandomValues`); everything secret rests on it.
 */
export type Random = (length: number) => Uint8Array;
