/** What the Node of a host says about itself and its host: enough to choose the binaries that run there. */

/** A host's platform, in Node's own words. */
export interface HostFacts {
  /** process.platform: `linux`. */
  readonly platform: string;
  /** process.arch: `x64`. */
  readonly arch: string;
  readonly libc: 'glibc' | 'musl' | 'other';
  /** process.versions.modules: which native addons it loads. */
  readonly abi: number;
  /** process.versions.node */
  readonly node: string;
}

/** Names of this form are safe as parts of a path. */
const NAME = /^[a-z0-9]{1,16}$/;
const VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

/** Checks what a host has answered; undefined for anything else than facts. */
export function hostFacts(value: unknown): HostFacts | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { platform, arch, libc, abi, node } = value as Record<string, unknown>;
  if (typeof platform !== 'string' || !NAME.test(platform) || typeof arch !== 'string' || !NAME.test(arch)) {
    return undefined;
  }
  if (libc !== 'glibc' && libc !== 'musl' && libc !== 'other') return undefined;
  if (typeof abi !== 'number' || !Number.isInteger(abi) || abi < 1 || abi > 9_999) return undefined;
  if (typeof node !== 'string' || !VERSION.test(node)) return undefined;
  return { platform, arch, libc, abi, node };
}
