/**
 * Whether the server is the one the user means: its host key, or the certificate of one, against the known_hosts files, the question
 * about an unknown host, the refusal of a changed one. It behaves as ssh does, since what users learned there must hold here:
 * ssh_config(5) at StrictHostKeyChecking, UserKnownHostsFile, CheckHostIP, UpdateHostKeys and RevokedHostKeys. Authenticating UDP rests
 * on it: the session keys go through this connection. Stricter than ssh in one thing: a revoked key is refused whatever else is configured.
 */

import type { Log, LogLevel } from '../../log.ts';
import { printable } from '../../printable.ts';
import { UserError } from '../../user-error.ts';
import { isCertificate } from '../auth/user-certificate.ts';
import { NobodyToAsk, type Prompter } from '../prompter.ts';
import type { HostKeyPolicy } from '../settings.ts';
import { faultOf, type HostCertificate, parseCertificate } from './host-certificate.ts';
import { fingerprintOf, labelOf, rsaBitsOf, typeOf } from './host-key.ts';
import { orderAlgorithms, PLAIN_TYPES } from './host-key-algorithms.ts';
import { applyChange, type Change, describeChange, planUpdate } from './host-key-update.ts';
import {
  changedKey,
  changedKeys,
  mismatchedAddress,
  newHost,
  placeOf,
  removal,
  revokedKey,
  spoofedName,
} from './host-key-words.ts';
import {
  authorityOf,
  entriesFor,
  judge,
  type KnownHost,
  knownHostLines,
  knownName,
  otherNames,
  parseKnownHosts,
  revocationOf,
  type Verdict,
} from './known-hosts.ts';
import { appendKnownHosts, readKnownHosts } from './known-hosts-file.ts';
import { readRevokedKeys } from './revoked-keys.ts';

/** Shorter ones can be broken; ssh's RequiredRSASize where nothing is said. A higher one is the system's ssh's to honour. */
const RSA_BITS_MIN = 1024;
/** How often a yes/no question is put before it counts as a no. */
const QUESTIONS_MAX = 5;

/** Most keys of one host that are learnt; servers have three. */
const KEYS_MAX = 32;

/** Why a host is trusted. */
export interface HostTrust {
  /**
   * Its plain key is `known`; an authority that is known has `certified` it; the user has `accepted` it; it was `recorded` as a new one
   * without a question. `changed-but-allowed` is no trust: StrictHostKeyChecking is off, so the connection may go on, but without passwords,
   * without keyboard-interactive and without forwarding of anything, which somebody in the middle could take.
   */
  readonly trusted: 'known' | 'certified' | 'accepted' | 'recorded' | 'changed-but-allowed';
}

/** What a check needs besides the policy. */
export interface HostKeyCheckOptions {
  /** Without it everything is told that ssh tells as a rule. */
  readonly log?: Log;
  /** BatchMode: no question may be asked. */
  readonly batch?: boolean;
  /** HostKeyAlgorithms */
  readonly wanted?: readonly string[] | undefined;
  /** The moment, in ms since 1970. */
  readonly now?: () => number;
}

/** The files, read once. */
interface Known {
  readonly all: readonly KnownHost[];
  /** Of the name with its port, or the alias. */
  readonly named: readonly KnownHost[];
  /** Of the name without the port, if there is one and it is unusual: a key recorded so is good, but the lack of one proves nothing. */
  readonly bare: readonly KnownHost[];
  readonly revoked: readonly Uint8Array[];
}

/** Checks the keys of one host. Made before connecting, so that the files are read while the network is waited for. */
export class HostKeyCheck {
  readonly #host: string;
  readonly #port: number;
  readonly #policy: HostKeyPolicy;
  readonly #prompter: Prompter;
  readonly #options: HostKeyCheckOptions;
  /** What the host goes by in the files. */
  readonly #name: string;
  readonly #known: Promise<Known>;
  /** What the address goes by in the files, if it is looked up, too. */
  #addressName: string | undefined;
  /** Why the keys of the host are not to be learnt; undefined if they may. */
  #notLearning: string | undefined = 'the host key was not checked';

  constructor(
    host: string,
    port: number,
    policy: HostKeyPolicy,
    prompter: Prompter,
    options: HostKeyCheckOptions = {},
  ) {
    this.#host = host;
    this.#port = port;
    this.#policy = policy;
    this.#prompter = prompter;
    this.#options = options;
    this.#name = policy.alias?.toLowerCase() ?? knownName(host, port);
    this.#known = this.#read();
    this.#known.catch(() => undefined);
  }

  /**
   * The algorithms to offer, those of known keys first, so that a host with several keys shows one that can be checked. Throws `UserError`
   * if nothing can be checked, `NeedsSystemSsh` if only the system's ssh can.
   */
  async algorithms(): Promise<string[]> {
    const { pinned } = this.#policy;
    if (pinned !== undefined) {
      return orderAlgorithms(this.#options.wanted, { types: [typeOf(pinned)], certified: false });
    }
    const { named, bare } = await this.#known;
    const plain = [...named, ...bare].filter((entry) => entry.marker === 'none');
    return orderAlgorithms(this.#options.wanted, {
      types: plain.map((entry) => entry.keyType),
      certified: [...named, ...bare].some((entry) => entry.marker === 'cert-authority'),
    });
  }

  /**
   * Judges the key that the host has shown, plain or a certificate, as ssh sends it. `address` is the literal one that was reached, if one
   * was. Throws `UserError` if the connection has to end.
   */
  async check(blob: Uint8Array, address?: string): Promise<HostTrust> {
    const { pinned } = this.#policy;
    if (pinned !== undefined) {
      if (Buffer.from(pinned).equals(blob)) return { trusted: 'known' };
      throw new UserError(`another program answers in place of ${this.#host}: nothing was sent to it`);
    }
    const known = await this.#known;
    const certificate = isCertificate(typeOf(blob)) ? parseCertificate(blob) : undefined;
    if (isCertificate(typeOf(blob)) && certificate === undefined) {
      throw failed(`${this.#host} shows a certificate that is malformed or not signed by the authority it names`);
    }
    const key = certificate?.key ?? blob;
    const bits = rsaBitsOf(key) ?? RSA_BITS_MIN;
    if (bits < RSA_BITS_MIN) {
      throw failed(`${this.#host} shows an RSA key of ${bits} bits, which is too short to trust: it needs a new one`);
    }
    if (isUsefulAddress(address, this.#host) && this.#policy.checkAddress) {
      this.#addressName = knownName(address, this.#port);
    }
    const byAddress = this.#addressName === undefined ? [] : entriesFor(known.all, this.#addressName);
    this.#refuseRevoked(certificate === undefined ? [key] : [key, certificate.authority], known, byAddress);
    if (certificate !== undefined && this.#isCertified(certificate, known)) {
      this.#notLearning = 'the host has shown a certificate';
      return { trusted: 'certified' };
    }
    return this.#checkPlain(key, address, known, byAddress);
  }

  /**
   * Records the host's keys by UpdateHostKeys: `proven` are those that it has shown to hold, `offered` all that it says it has. To be called
   * once after the login; never throws, whatever the keys are.
   */
  async learn(proven: readonly Uint8Array[], offered: readonly Uint8Array[] = proven): Promise<void> {
    try {
      await this.#learn(proven.slice(0, KEYS_MAX), offered.slice(0, KEYS_MAX));
    } catch (error) {
      this.#tell('info', `The host keys of ${this.#host} could not be updated: ${wordsOf(error)}`);
    }
  }

  async #read(): Promise<Known> {
    const { userFiles, globalFiles, revokedFile, alias, pinned } = this.#policy;
    if (pinned !== undefined) return { all: [], named: [], bare: [], revoked: [] };
    const [all, revoked] = await Promise.all([
      this.#readFiles([...userFiles, ...globalFiles]),
      revokedFile === undefined ? [] : readRevokedKeys(revokedFile),
    ]);
    const hasBare = alias === undefined && this.#port !== 22;
    return {
      all,
      named: entriesFor(all, this.#name),
      bare: hasBare ? entriesFor(all, knownName(this.#host, 22)) : [],
      revoked,
    };
  }

  /** The entries of all files; one that is not there holds none. */
  async #readFiles(files: readonly string[]): Promise<KnownHost[]> {
    const lists = files.map(async (file) => {
      try {
        return parseKnownHosts((await readKnownHosts(file)) ?? '', file);
      } catch (error) {
        if (error instanceof UserError) throw error;
        this.#tell('info', `The known hosts of ${file} cannot be read: ${wordsOf(error)}`);
        return [];
      }
    });
    return (await Promise.all(lists)).flat();
  }

  #refuseRevoked(keys: readonly Uint8Array[], known: Known, byAddress: readonly KnownHost[]): void {
    const entry = revocationOf([...known.named, ...known.bare, ...byAddress], keys);
    const isInFile = known.revoked.some((revoked) => keys.some((key) => Buffer.from(key).equals(revoked)));
    if (entry === undefined && !isInFile) return;
    const by = entry === undefined ? `${this.#policy.revokedFile}` : placeOf(entry);
    for (const line of revokedKey(this.#name, keys[0] ?? Buffer.alloc(0), by)) this.#tell('error', line);
    throw failed(
      `the host key of ${this.#host} is revoked by ${by}: someone may be using a stolen key; ask the host's administrator`,
    );
  }

  /** A certificate that is not good is told and counts for nothing; the key inside is then checked as if it were plain, as in ssh. */
  #isCertified(certificate: HostCertificate, known: Known): boolean {
    const authority = authorityOf(known.named, certificate.authority) ?? authorityOf(known.bare, certificate.authority);
    if (authority === undefined) {
      this.#tell('debug1', `no authority is known for the certificate of ${this.#host}: its key is checked by itself`);
      return false;
    }
    const name = (this.#policy.alias ?? this.#host).toLowerCase();
    const fault = faultOf(certificate, name, (this.#options.now ?? Date.now)());
    if (fault === undefined) {
      this.#tell('debug1', `the host key of ${this.#host} is certified by ${placeOf(authority)}`);
      return true;
    }
    const id = printable(certificate.keyId, { lengthMax: 80 });
    this.#tell('error', `Certificate invalid: the certificate of ${this.#host} ('${id}') does not count: ${fault}.`);
    return false;
  }

  async #checkPlain(
    key: Uint8Array,
    address: string | undefined,
    known: Known,
    byAddress: readonly KnownHost[],
  ): Promise<HostTrust> {
    const verdict = judge(known.named, key);
    const addressVerdict: Verdict = judge(byAddress, key);
    switch (verdict.kind) {
      case 'known': {
        this.#tell('debug1', `the host key of ${this.#host} is known from ${placeOf(verdict.entry)}`);
        await this.#compareAddress(key, addressVerdict, verdict.entry);
        const isOfUser = (entry: KnownHost): boolean => this.#policy.userFiles.includes(entry.file);
        const isUsers = isOfUser(verdict.entry) && (addressVerdict.kind !== 'known' || isOfUser(addressVerdict.entry));
        this.#notLearning = isUsers ? undefined : 'the host key is known from GlobalKnownHostsFile';
        if (this.#addressName !== undefined && addressVerdict.kind === 'unknown') {
          await this.#record([this.#addressName], key, `${labelOf(typeOf(key))} host key for IP address`);
        }
        return { trusted: 'known' };
      }
      case 'changed':
        return this.#allowChanged(key, verdict.offending, addressVerdict);
      case 'unknown': {
        if (judge(known.bare, key).kind === 'known') {
          this.#notLearning = 'the host key is known without the port';
          await this.#compareAddress(key, addressVerdict, undefined);
          return { trusted: 'known' };
        }
        const trust = await this.#admit(key, address, known);
        await this.#compareAddress(key, addressVerdict, undefined);
        const names = [this.#name];
        if (this.#addressName !== undefined && addressVerdict.kind === 'unknown') names.push(this.#addressName);
        await this.#record(names, key, labelOf(typeOf(key)));
        this.#notLearning = trust.trusted === 'accepted' ? undefined : 'the host key was not confirmed by the user';
        return trust;
      }
    }
  }

  /** The host is new. */
  async #admit(key: Uint8Array, address: string | undefined, known: Known): Promise<HostTrust> {
    const { strict, userFiles } = this.#policy;
    const label = labelOf(typeOf(key));
    if (strict === 'no' || strict === 'accept-new') return { trusted: 'recorded' };
    if (strict === 'yes') {
      throw failed(
        `no ${label} host key is known for ${this.#name} and StrictHostKeyChecking is on: add the key (${fingerprintOf(key)}) to ${userFiles[0] ?? 'a known_hosts file'}`,
      );
    }
    if (this.#options.batch === true) {
      throw failed(
        `no ${label} host key is known for ${this.#name} and BatchMode asks no questions: connect once without it`,
      );
    }
    const where = address === undefined || address === this.#host ? this.#name : `${this.#name} (${address})`;
    await this.#confirm(newHost(where, key, otherNames(known.all, key)), fingerprintOf(key));
    return { trusted: 'accepted' };
  }

  #allowChanged(key: Uint8Array, offending: readonly [KnownHost, ...KnownHost[]], addressVerdict: Verdict): HostTrust {
    if (this.#addressName !== undefined && !isSameChange(addressVerdict, offending)) {
      this.#tellAll('error', spoofedName(this.#name, key, this.#addressName, addressVerdict));
    }
    this.#tellAll('error', changedKey(this.#name, key, offending, this.#policy.userFiles[0]));
    this.#notLearning = 'the host key has changed';
    if (this.#policy.strict !== 'no') {
      throw failed(
        `the host key of ${this.#name} has changed, it is not the one in ${placeOf(offending[0])}: ask the host's administrator, and if the new one is right, remove the old with: ${removal(offending[0].file, this.#name)}`,
      );
    }
    return { trusted: 'changed-but-allowed' };
  }

  /** CheckHostIP: the name's key is good, the address may be known with another one. */
  async #compareAddress(key: Uint8Array, addressVerdict: Verdict, matching: KnownHost | undefined): Promise<void> {
    if (this.#addressName === undefined || addressVerdict.kind !== 'changed') return;
    const lines = mismatchedAddress(this.#name, key, this.#addressName, addressVerdict.offending[0], matching);
    if (this.#policy.strict === 'ask' && this.#options.batch !== true) return this.#confirm(lines, undefined);
    this.#tellAll('info', lines);
    if (this.#policy.strict !== 'no') {
      throw failed(
        `the host keys of ${this.#name} and of its address ${this.#addressName} differ: remove the wrong line, or set CheckHostIP to no`,
      );
    }
  }

  /** Returns if the answer is a yes, or the right fingerprint. */
  async #confirm(lines: readonly string[], fingerprint: string | undefined): Promise<void> {
    const answers = fingerprint === undefined ? '(yes/no)' : '(yes/no/[fingerprint])';
    try {
      const question = `Are you sure you want to continue connecting ${answers}? `;
      if ((await this.#ask(lines, question, fingerprint)) === 'yes') return;
    } catch (error) {
      if (!(error instanceof NobodyToAsk)) throw error;
      this.#tellAll('info', lines);
      throw failed(
        `there is nobody to ask about the host key of ${this.#name}: connect once from a terminal, or add the key to known_hosts`,
      );
    }
    throw failed(`the host key of ${this.#name} was not accepted: nothing was sent to it`);
  }

  /** Asks until there is an answer; the right fingerprint counts as a yes. */
  async #ask(lines: readonly string[], question: string, fingerprint: string | undefined): Promise<'yes' | 'no'> {
    // All in one, since a dialog of SSH_ASKPASS shows no more than the question.
    let text = [...lines, question].join('\n');
    for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
      const answer = (await this.#prompter.ask(text, { echo: true })).trim();
      if (answer.toLowerCase() === 'yes' || answer === fingerprint) return 'yes';
      if (answer === '' || answer.toLowerCase() === 'no') return 'no';
      text = fingerprint === undefined ? "Please type 'yes' or 'no': " : "Please type 'yes', 'no' or the fingerprint: ";
    }
    return 'no';
  }

  /** Appends the key to the user's file. A file that cannot be written is said and does not stop the session, as in ssh. */
  async #record(names: readonly string[], key: Uint8Array, what: string): Promise<void> {
    const file = this.#policy.userFiles[0];
    if (file === undefined) return;
    try {
      await appendKnownHosts(file, knownHostLines(names, key, this.#policy.hashed));
      this.#tell('info', `Warning: Permanently added '${names}' (${what}) to the list of known hosts.`);
    } catch (error) {
      this.#tell('info', `Failed to add the host to the list of known hosts (${file}): ${wordsOf(error)}`);
    }
  }

  async #learn(proven: readonly Uint8Array[], offered: readonly Uint8Array[]): Promise<void> {
    const { update, userFiles, hashed } = this.#policy;
    const why = update === 'no' ? 'UpdateHostKeys is off' : this.#notLearning;
    // A server may tell its keys once.
    this.#notLearning = 'they were told before';
    if (why !== undefined) return this.#tell('debug1', `the host keys of ${this.#host} are not updated: ${why}`);
    // Read anew: what was recorded a moment ago is there, too.
    const entries = await this.#readFiles(userFiles);
    const names = { name: this.#name, addressName: this.#addressName };
    const isUsable = (key: Uint8Array): boolean => PLAIN_TYPES.includes(typeOf(key));
    const keys = { offered: offered.filter(isUsable), proven: proven.filter(isUsable), types: PLAIN_TYPES };
    const plan = planUpdate({ entries, ...names, ...keys });
    if (plan.kind === 'leave') {
      return this.#tell('debug1', `the host keys of ${this.#host} are not updated: ${plan.why}`);
    }
    this.#tellAll('verbose', describeChange(plan));
    if (update === 'ask' && !(await this.#agrees(plan))) return;
    await applyChange(plan, { ...names, files: userFiles, hashed });
  }

  async #agrees(change: Change): Promise<boolean> {
    if (this.#options.batch === true) return false;
    const answer = await this.#ask(
      changedKeys(describeChange(change)),
      'Accept updated hostkeys? (yes/no): ',
      undefined,
    );
    return answer === 'yes';
  }

  #tell(level: Exclude<LogLevel, 'quiet'>, line: string): void {
    const { log } = this.#options;
    if (level.startsWith('debug')) log?.tell(level, line);
    else if (log === undefined ? level !== 'verbose' : log.wants(level)) this.#prompter.tell(line);
  }

  #tellAll(level: Exclude<LogLevel, 'quiet'>, lines: readonly string[]): void {
    for (const line of lines) this.#tell(level, line);
  }
}

/** A user knows these words from ssh, and scripts look for them. */
function failed(why: string): UserError {
  return new UserError(`Host key verification failed: ${why}`);
}

/** As in ssh, the address is of use only if it is another word than the host, and not the machine itself. */
function isUsefulAddress(address: string | undefined, host: string): address is string {
  return address !== undefined && address !== host && address !== '::1' && !address.startsWith('127.');
}

/** The key of the address has changed in the same way: then it is no matter of names. */
function isSameChange(addressVerdict: Verdict, offending: readonly KnownHost[]): boolean {
  return (
    addressVerdict.kind === 'changed' &&
    addressVerdict.offending.some((entry) => offending.some((other) => other.key === entry.key))
  );
}

function wordsOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), { lengthMax: 300 });
}
