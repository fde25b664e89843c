/**
 * Who the user is: the methods of RFC 4252 in the order that the user prefers, the keys of each before the questions. It is a source of
 * attempts that the connection draws from, one after each refusal.
 *
 * One thing differs from ssh: the first attempt is already a key and not `none`, which spares a round trip, and carries its signature,
 * which spares another. The order of the keys is told in `candidates.ts`.
 */

import type { AnyAuthMethod, Prompt } from 'ssh2';
import type { Log, LogLevel } from '../../log.ts';
import { printable } from '../../printable.ts';
import { UserError } from '../../user-error.ts';
import { NobodyToAsk, type Prompter } from '../prompter.ts';
import type { Method, Settings } from '../settings.ts';
import type { Ssh2 } from '../ssh2-library.ts';
import { Agent, type SessionBinding } from './agent.ts';
import type { Attempt, PasswordChange, PublicKeyAttempt } from './attempt.ts';
import { type Candidate, gatherCandidates } from './candidates.ts';
import { describeKey, type PublicKey } from './public-key.ts';
import { Questions } from './questions.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';
import { NotGiven, type Signer } from './signer.ts';
import { withoutCertificate } from './user-certificate.ts';

/** Most stages of a login that wants several proofs, one after the other. */
const STAGES_MAX = 16;
/** Longest list of methods that is shown, in characters. */
const LIST_LENGTH_MAX = 200;
/** Names of keys in the line about a failure. */
const NAMES_MAX = 4;

/** The attempts of one login. */
export class Authentication {
  readonly #settings: Settings;
  readonly #prompter: Prompter;
  readonly #fail: (error: UserError) => void;
  readonly #log: Log | undefined;
  readonly #questions: Questions;
  readonly #candidates: Promise<Candidate[]>;
  /** What the server's list of methods was, when last heard. */
  #offered: readonly string[] | undefined;
  #serverAlgorithms: readonly string[] | undefined;
  /** The attempt that the server is to judge. */
  #last:
    | { readonly method: Method; readonly candidate: Candidate | undefined; readonly signer: Signer | undefined }
    | undefined;
  #askedNone = false;
  #stages = 0;
  /** Attempts by method: of this stage, and of all. */
  #tries = { 'keyboard-interactive': 0, password: 0 };
  #totals = { 'keyboard-interactive': 0, password: 0 };
  /** Methods that lead nowhere: refused without a question, or not to be used with this server. */
  readonly #useless = new Set<Method>();
  readonly #keysTried: string[] = [];
  #nobody: NobodyToAsk | undefined;
  #binding: SessionBinding | undefined;

  /**
   * The files and the agent are read from here on. `fail` ends the connection: the user gave up, or an error that no further attempt mends.
   * The prompter is the one of the connection, whose patience waits for the user.
   */
  constructor(ssh2: Ssh2, settings: Settings, prompter: Prompter, fail: (error: UserError) => void, log?: Log) {
    this.#settings = settings;
    this.#prompter = prompter;
    this.#fail = fail;
    this.#log = log;
    this.#questions = new Questions(this.#who(), settings.prompts, prompter);
    this.#candidates = settings.methods.publicKey
      ? gatherCandidates({
          ssh2,
          identities: settings.identities,
          unlock: (path, open) => this.#questions.passphrase(path, open, (error) => this.#missed(error)),
          binding: () => this.#binding,
          log,
        })
      : Promise.resolve([]);
    this.#candidates.catch(() => undefined);
  }

  /** The keys are exchanged: agents may want to know with whom. */
  boundTo(binding: SessionBinding): void {
    this.#binding = binding;
  }

  /** What the server takes for signatures (server-sig-algs, RFC 8308 §3.1); it says so before it can get an attempt. */
  serverTakes(names: readonly string[]): void {
    this.#serverAlgorithms = names;
  }

  /**
   * The host's key is not the one that is known, and was let through all the same (StrictHostKeyChecking): whoever is there gets nothing that
   * could be used against the real host. To be told before the first attempt.
   */
  distrust(): void {
    for (const method of ['password', 'keyboard-interactive'] as const) {
      if (!this.#enabled(method)) continue;
      this.#useless.add(method);
      const name = method === 'password' ? 'Password' : 'Keyboard-interactive';
      this.#tell('error', `${name} authentication is disabled, since this may be another host (a man in the middle).`);
    }
  }

  /**
   * The next attempt, or false if none is left. `left` and `partial` are what the server said to the last one (RFC 4252 §5.1), null if it
   * was not asked.
   */
  async next(left: readonly string[] | null, partial: boolean | null): Promise<Attempt | false> {
    const candidates = await this.#candidates;
    this.#judged(left, partial === true, candidates);
    if (this.#stages > STAGES_MAX) throw new UserError(`${this.#settings.label} asks for proofs without end`);
    for (const method of this.#settings.methods.preferred) {
      if (!this.#enabled(method) || this.#useless.has(method) || this.#offered?.includes(method) === false) continue;
      const attempt =
        method === 'publickey'
          ? await this.#publicKey(candidates)
          : this.#offered === undefined && !this.#askedNone
            ? this.#none()
            : method === 'password'
              ? await this.#password()
              : this.#keyboardInteractive();
      if (attempt !== undefined) return attempt;
    }
    const asked = this.#totals.password + this.#totals['keyboard-interactive'] > 0;
    return this.#askedNone || asked || this.#stages > 0 ? false : this.#none();
  }

  /** The server calls the password expired, with `reason`. Rejects with `UserError` if the user does not change it. */
  async changePassword(reason: string): Promise<PasswordChange> {
    if (this.#settings.batch) throw new UserError(`the password on ${this.#settings.label} has expired`);
    return await this.#questions.passwordChange(reason);
  }

  /** The server let the user in: a key from a file goes to the agent now, if the configuration says so. Nothing waits for it. */
  succeeded(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last === undefined) return;
    this.#log?.tell('debug1', `authenticated by ${last.method}`);
    if (last.signer !== undefined) this.#giveToAgent(last.signer).catch((error: unknown) => this.#ignored(error));
  }

  /** One line about a login that failed: what was tried and what would help. */
  describeFailure(): string {
    const offered = this.#offered && printable(this.#offered.join(','), { lengthMax: LIST_LENGTH_MAX });
    const denied = `${this.#who()}: Permission denied${offered === undefined ? '' : ` (${offered})`}.`;
    const keys = this.#keysTried;
    const tried: string[] = [];
    if (keys.length > 0) {
      const names = `${keys.slice(0, NAMES_MAX).join(', ')}${keys.length > NAMES_MAX ? ', …' : ''}`;
      tried.push(`${counted(keys.length, 'key')} (${names})`);
    }
    if (this.#questions.asked) tried.push("the server's questions");
    if (this.#totals.password > 0) tried.push(counted(this.#totals.password, 'password'));
    const all = tried.join(', ') || 'nothing, for want of a key or an agent';
    const nobody = this.#nobody === undefined ? '' : ` (${this.#nobody.message})`;
    return `${denied} Tried ${all}${nobody}. Check the user name (-l), or name a key (-i)`;
  }

  /** Takes in what became of the last attempt. */
  #judged(left: readonly string[] | null, partial: boolean, candidates: Candidate[]): void {
    const last = this.#last;
    this.#last = undefined;
    if (left === null) return;
    this.#offered = left;
    const list = left.join(',');
    if (partial) {
      this.#stages++;
      this.#tries = { 'keyboard-interactive': 0, password: 0 };
      this.#log?.tell(
        'debug1',
        `authenticated by ${last?.method ?? 'none'} with partial success; can continue: ${list}`,
      );
      if (last?.signer !== undefined) this.#giveToAgent(last.signer).catch((error: unknown) => this.#ignored(error));
      return;
    }
    this.#log?.tell('debug1', `authentications that can continue: ${list}`);
    // Refused because keys are not wanted yet, not because of this key: it may be later.
    if (last?.candidate !== undefined && !left.includes('publickey')) candidates.unshift(last.candidate);
  }

  #enabled(method: Method): boolean {
    const { methods, batch } = this.#settings;
    switch (method) {
      case 'publickey':
        return methods.publicKey;
      case 'keyboard-interactive':
        return methods.keyboardInteractive && !batch;
      case 'password':
        return methods.password && !batch;
    }
  }

  #none(): AnyAuthMethod {
    this.#askedNone = true;
    return { type: 'none', username: this.#settings.user };
  }

  async #publicKey(candidates: Candidate[]): Promise<Attempt | undefined> {
    for (;;) {
      const candidate = candidates[0];
      if (candidate === undefined) return undefined;
      // Nobody is asked for a passphrase before the server has said that it takes keys at all.
      if (candidate.kind === 'closed' && this.#offered === undefined && !this.#askedNone) return this.#none();
      candidates.shift();
      if (candidate.kind === 'word') {
        for (const line of candidate.lines) this.#tell(candidate.level, line);
        continue;
      }
      if (this.#settings.batch && (candidate.kind === 'closed' || candidate.signer.cost === 'passphrase')) continue;
      const key = candidate.kind === 'closed' ? await candidate.open() : candidate;
      const attempt = key && this.#signedKey(key.publicKey, key.signer);
      if (key === undefined || attempt === undefined) continue;
      this.#last = { method: 'publickey', candidate: { kind: 'offer', ...key }, signer: key.signer };
      if (!this.#keysTried.includes(key.signer.name)) this.#keysTried.push(key.signer.name);
      return attempt;
    }
  }

  #signedKey(publicKey: PublicKey, signer: Signer): PublicKeyAttempt | undefined {
    const { algorithms, user } = this.#settings;
    const algorithm = signatureAlgorithm(publicKey.type, algorithms.publicKey, this.#serverAlgorithms);
    if (algorithm === undefined) {
      this.#tell('debug1', `skipping ${signer.name}: no algorithm for its type ${publicKey.type} is allowed`);
      return undefined;
    }
    this.#log?.tell('debug1', `offering ${signer.name} ${describeKey(publicKey)} (${algorithm})`);
    return {
      type: 'signed-key',
      username: user,
      algorithm,
      blob: publicKey.blob,
      probe: signer.cost !== 'nothing',
      sign: async (data) => {
        try {
          return await signer.sign(data, withoutCertificate(algorithm));
        } catch (error) {
          const why = `signing failed for ${signer.name}: ${error instanceof Error ? error.message : error}`;
          if (!(error instanceof UserError)) this.#tell(error instanceof NotGiven ? 'debug1' : 'error', why);
          throw error;
        }
      },
    };
  }

  #keyboardInteractive(): AnyAuthMethod | undefined {
    const method = 'keyboard-interactive';
    if (this.#tries[method] >= this.#settings.prompts) return undefined;
    this.#count(method);
    // Refused without a question, it would be so again.
    this.#useless.add(method);
    const prompt = (
      name: string,
      instructions: string,
      _language: string,
      prompts: Prompt[],
      finish: (answers: string[]) => void,
    ): void => {
      this.#useless.delete(method);
      this.#questions.round(name, instructions, prompts).then(finish, (error: unknown) => {
        this.#fail(error instanceof UserError ? error : new UserError(String(error)));
      });
    };
    return { type: method, username: this.#settings.user, prompt };
  }

  async #password(): Promise<AnyAuthMethod | undefined> {
    if (this.#tries.password >= this.#settings.prompts) return undefined;
    if (this.#tries.password > 0) this.#tell('error', 'Permission denied, please try again.');
    try {
      const password = await this.#questions.password();
      this.#count('password');
      return { type: 'password', username: this.#settings.user, password };
    } catch (error) {
      if (!(error instanceof NobodyToAsk)) throw error;
      this.#missed(error);
      this.#useless.add('password');
      return undefined;
    }
  }

  #count(method: 'keyboard-interactive' | 'password'): void {
    this.#tries[method]++;
    this.#totals[method]++;
    this.#last = { method, candidate: undefined, signer: undefined };
  }

  /** AddKeysToAgent: the key that was accepted, if it came from a file. */
  async #giveToAgent(signer: Signer): Promise<void> {
    const { agent, addToAgent } = this.#settings.identities;
    const loaded = signer.loaded();
    if (loaded === undefined || agent === undefined || addToAgent === 'no') return;
    const { key, path } = loaded;
    if (addToAgent === 'ask') {
      const question = `Add key ${path} (${describeKey(key.publicKey)}) to agent?`;
      const answer = await this.#prompter.ask(question, { echo: true, dialog: true });
      if (answer !== '' && answer.toLowerCase() !== 'yes') return;
    }
    const constraints = addToAgent === 'ask' ? { confirm: false, lifetimeS: undefined } : addToAgent;
    await new Agent(agent).add(key, key.publicKey.comment || path, constraints);
    this.#log?.tell('debug1', `the agent holds ${path} from now on`);
  }

  #ignored(error: unknown): void {
    this.#log?.tell('debug1', `the agent did not take the key: ${error instanceof Error ? error.message : error}`);
  }

  #missed(error: NobodyToAsk): void {
    this.#nobody = error;
    this.#log?.tell('debug1', error.message);
  }

  /** For what an ssh user would see, too: it goes where questions go, unless the user wants it quieter. */
  #tell(level: Exclude<LogLevel, 'quiet'>, line: string): void {
    if (level.startsWith('debug')) this.#log?.tell(level, line);
    else if (this.#log?.wants(level) !== false) this.#prompter.tell(line);
  }

  /** The user and the host as ssh's own questions name them. */
  #who(): string {
    const { user, host, hostKeys } = this.#settings;
    return `${user}@${hostKeys.alias ?? host}`;
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
