/**
 * The keys and certificates to offer, in order. As ssh has it: certificates that were named, the agent's keys that are named, the agent's
 * other keys, keys in files (ssh_config(5): IdentityFile, IdentitiesOnly, CertificateFile). Three things differ, none of which costs a login
 * that ssh would have had: keys in files that the user named come before the agent's further ones, so that a full agent does not
 * use up the tries that the server grants; a certificate comes before its own bare key; and files that must be unlocked come last.
 */

import type { Log } from '../../log.ts';
import { printable } from '../../printable.ts';
import type { Identities } from '../settings.ts';
import type { Ssh2 } from '../ssh2-library.ts';
import { Agent, type SessionBinding } from './agent.ts';
import { type KeyFile, readKeyFile, readPublicKeyFile } from './key-file.ts';
import { type PrivateKey, readPem } from './private-key.ts';
import { type PublicKey, sameKey } from './public-key.ts';
import { agentSigner, foreignSigner, lockedSigner, openSigner, type Signer } from './signer.ts';
import { certifiedKey, isCertificate } from './user-certificate.ts';

/** What comes up when it is its turn. */
export type Candidate =
  /** A key or a certificate to send. */
  | { readonly kind: 'offer'; readonly publicKey: PublicKey; readonly signer: Signer }
  /** A file that says nothing before it is unlocked. */
  | {
      readonly kind: 'closed';
      readonly path: string;
      open(): Promise<{ publicKey: PublicKey; signer: Signer } | undefined>;
    }
  /** Something to tell about a key that cannot be offered. */
  | { readonly kind: 'word'; readonly level: 'error' | 'info' | 'debug1'; readonly lines: readonly string[] };

/** What is needed to find them. */
export interface CandidateSources {
  readonly ssh2: Ssh2;
  readonly identities: Identities;
  /** Asks for the passphrase of a file; undefined if it was not given. */
  readonly unlock: (
    path: string,
    open: (passphrase: string) => PrivateKey | undefined,
  ) => Promise<PrivateKey | undefined>;
  /** Which session the agent's signatures are for, known when it comes to them. */
  readonly binding: () => SessionBinding | undefined;
  readonly log: Log | undefined;
}

/** So many further keys of an agent are tried before a named file that must be unlocked; servers grant six tries as a rule. */
const FEW_KEYS = 3;

/** Longest part of a comment that is shown, in characters. */
const COMMENT_LENGTH_MAX = 60;

/** Finds all. Never rejects: what is wrong with one becomes a word. */
export async function gatherCandidates(sources: CandidateSources): Promise<Candidate[]> {
  const { identities, ssh2, log } = sources;
  const agent = identities.agent === undefined ? undefined : new Agent(identities.agent, sources.binding);
  const [held, files, certificates] = await Promise.all([
    listKeys(agent, log),
    Promise.all(identities.files.map((path) => readIdentity(path, ssh2))),
    Promise.all(identities.certificates.map((path) => readCertificate(path, log))),
  ]);
  const memory = memoryKeys(identities);

  const fromAgent = (key: PublicKey, path: string | undefined): Signer | undefined => {
    const own = held.find((other) => sameKey(other, key));
    // A key that a file names, or the only one, is the one that is meant.
    const meant = path !== undefined || held.length === 1;
    return agent && own && agentSigner(agent, own, path ?? `${nameOf(own)} agent`, meant);
  };
  const fileSigners = files.map(({ file }) => signerOf(file, sources));
  const signerFor = (certificate: PublicKey, path: string): Signer | undefined => {
    const bare = certifiedKey(certificate);
    if (bare === undefined) return undefined;
    const at = files.findIndex(({ file }) => {
      const key = file.kind === 'missing' ? undefined : file.publicKey;
      return key !== undefined && sameKey(key, bare);
    });
    return fromAgent(certificate, path) ?? fromAgent(bare, path) ?? fileSigners[at];
  };

  const named: Candidate[] = certificates.flatMap((certificate) => ofCertificate(certificate, signerFor));
  const chosen: Candidate[] = [];
  const open: Candidate[] = memory.map(offer);
  const last: Candidate[] = [];
  for (const [index, { file, certificate }] of files.entries()) {
    const beside = certificate === undefined ? [] : ofCertificate({ path: file.path, certificate }, signerFor);
    const publicKey = file.kind === 'missing' ? undefined : file.publicKey;
    const held = publicKey && fromAgent(publicKey, file.path);
    const own = fileSigners[index];
    if (publicKey !== undefined && held !== undefined) chosen.push(...beside, offer({ publicKey, signer: held }));
    else if (publicKey !== undefined && own !== undefined) {
      (own.cost === 'nothing' ? open : last).push(...beside, offer({ publicKey, signer: own }));
    } else last.push(...beside, withoutSigner(file, sources));
  }
  const further = identities.only
    ? []
    : held.flatMap((key) => {
        const signer = fromAgent(key, undefined);
        return signer === undefined ? [] : [offer({ publicKey: key, signer })];
      });
  const order = !identities.named
    ? [named, chosen, further, open, last]
    : further.length <= FEW_KEYS
      ? [named, chosen, open, further, last]
      : [named, chosen, open, last, further];
  return withoutDuplicates(order.flat());
}

function offer(key: { readonly publicKey: PublicKey; readonly signer: Signer }): Candidate {
  return { kind: 'offer', publicKey: key.publicKey, signer: key.signer };
}

async function listKeys(agent: Agent | undefined, log: Log | undefined): Promise<PublicKey[]> {
  try {
    return (await agent?.list()) ?? [];
  } catch (error) {
    log?.tell('debug1', `the agent is left out: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

async function readIdentity(
  path: string,
  ssh2: Ssh2,
): Promise<{ readonly file: KeyFile; readonly certificate: PublicKey | undefined }> {
  const [file, certificate] = await Promise.all([readKeyFile(path, ssh2), readPublicKeyFile(`${path}-cert.pub`)]);
  return { file, certificate: certificate && isCertificate(certificate.type) ? certificate : undefined };
}

interface NamedCertificate {
  readonly path: string;
  readonly certificate: PublicKey | undefined;
}

async function readCertificate(path: string, log: Log | undefined): Promise<NamedCertificate> {
  const certificate = await readPublicKeyFile(path);
  if (certificate === undefined) log?.tell('debug1', `no certificate in ${path}`);
  return { path, certificate };
}

function ofCertificate(
  { path, certificate }: NamedCertificate,
  signerFor: (certificate: PublicKey, path: string) => Signer | undefined,
): Candidate[] {
  if (certificate === undefined) return [];
  if (certifiedKey(certificate) === undefined) {
    return [{ kind: 'word', level: 'error', lines: [`${path}: ignoring what is no certificate of a user`] }];
  }
  const signer = signerFor(certificate, path);
  if (signer !== undefined) return [offer({ publicKey: certificate, signer })];
  return [{ kind: 'word', level: 'debug1', lines: [`the private key of the certificate ${path} is not here`] }];
}

/** Signs with what the file itself holds; undefined if that is no private key, or one that is not to be used. */
function signerOf(file: KeyFile, { unlock }: CandidateSources): Signer | undefined {
  switch (file.kind) {
    case 'plain':
      return openSigner(file.key, file.path, file.path);
    case 'locked':
      return lockedSigner(file.path, () => unlock(file.path, file.unlock));
    case 'foreign':
      return foreignSigner(file.path, file.why);
    case 'public':
    case 'missing':
    case 'too-open':
    case 'unknown':
      return undefined;
  }
}

function withoutSigner(file: KeyFile, { identities, unlock }: CandidateSources): Candidate {
  const level = identities.named ? 'info' : 'debug1';
  switch (file.kind) {
    case 'locked':
      return {
        kind: 'closed',
        path: file.path,
        async open() {
          const key = await unlock(file.path, file.unlock);
          return key && { publicKey: key.publicKey, signer: openSigner(key, file.path, file.path) };
        },
      };
    case 'missing':
      return { kind: 'word', level, lines: [`no such identity: ${file.path}: ${file.why}`] };
    case 'too-open':
      return { kind: 'word', level: 'error', lines: file.why };
    case 'unknown':
      return { kind: 'word', level, lines: file.why };
    case 'plain':
    case 'public':
    case 'foreign':
      return { kind: 'word', level, lines: [`${file.path}: no agent holds the private half of this key`] };
  }
}

function memoryKeys(identities: Identities): { publicKey: PublicKey; signer: Signer }[] {
  return (identities.inMemory ?? []).flatMap((parsed) => {
    const key = readPem(parsed.getPrivatePEM(), undefined, parsed.comment);
    return key === undefined
      ? []
      : [{ publicKey: key.publicKey, signer: openSigner(key, 'a key in memory', undefined) }];
  });
}

function nameOf(key: PublicKey): string {
  return printable(key.comment || key.type, { lengthMax: COMMENT_LENGTH_MAX });
}

function withoutDuplicates(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    (candidate, index) =>
      candidate.kind !== 'offer' ||
      candidates.findIndex((other) => other.kind === 'offer' && sameKey(other.publicKey, candidate.publicKey)) ===
        index,
  );
}
