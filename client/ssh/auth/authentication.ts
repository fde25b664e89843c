/**
 * Who the user is: the methods of RFC 4252 in the order that ssh takes them, keys first, then the questions that the server asks
 * (RFC 4256), then the password. It is a source of attempts that `ssh2` draws from, one after each refusal.
 *
 * Two things differ from ssh. The first attempt is already a key and not `none`, which spares a round trip. And keys in plain files
 * that the user named come before the agent's further ones, so that a full agent does not use up the attempts the server grants.
 */

import type { AnyAuthMethod, AuthenticationType, ParsedKey, Prompt } from 'ssh2';
import { printable } from '../../printable.ts';
import { UserError } from '../../user-error.ts';
import type { Prompter } from '../prompter.ts';
import type { Identities, Settings } from '../settings.ts';
import type { Ssh2 } from '../ssh2-library.ts';
import { type KeyFile, readKeyFile } from './key-file.ts';

/** A key to try: `name` says where it is from. */
interface Candidate {
  readonly name: string;
  attempt(): Promise<AnyAuthMethod | undefined>;
}

/** Longest text of the server's that is shown in a question. */
const PROMPT_LENGTH_MAX = 1024;
/** Most questions answered in one login, over all rounds. */
const QUESTIONS_MAX = 64;
/** Most keys taken from an agent. */
const AGENT_KEYS_MAX = 64;
/** An agent that does not list its keys in this time is left out, in ms. */
const AGENT_TIMEOUT_MS = 5000;

/** The attempts of one login. */
export class Authentication {
  readonly #ssh2: Ssh2;
  readonly #login: Settings;
  readonly #prompter: Prompter;
  readonly #fail: (error: UserError) => void;
  readonly #candidates: Promise<Candidate[]>;
  /** What the server's list of methods was, when last heard. */
  #offered: readonly string[] | undefined;
  /** An asynchronous key has signed; ssh2 does not say whether its refusal was a partial success. */
  #signed = false;
  #askedNone = false;
  #lastQuestioned: 'keyboard-interactive' | 'password' | undefined;
  #rounds = 0;
  #passwords = 0;
  #questions = 0;
  #keyboardUseless = false;
  readonly #keysTried: string[] = [];

  /** `fail` ends the connection: the user gave up, or an error that no further attempt mends. */
  constructor(ssh2: Ssh2, login: Settings, prompter: Prompter, fail: (error: UserError) => void) {
    this.#ssh2 = ssh2;
    this.#login = login;
    this.#prompter = prompter;
    this.#fail = fail;
    this.#candidates = login.methods.publicKey ? this.#gather(login.identities) : Promise.resolve([]);
    this.#candidates.catch(() => undefined);
  }

  /** The next attempt, or false if none is left. `left` and `partial` are what the server said to the last one. */
  async next(left: readonly AuthenticationType[] | null, partial: boolean | null): Promise<AnyAuthMethod | false> {
    const username = this.#login.user;
    this.#offered = left ?? this.#offered;
    if (this.#signed) {
      this.#signed = false;
      return { type: 'none', username };
    }
    if (partial !== true && this.#lastQuestioned === 'password') {
      this.#prompter.tell('Permission denied, please try again.');
    }
    this.#lastQuestioned = undefined;

    const offers = (method: AuthenticationType): boolean => this.#offered?.includes(method) ?? true;
    const candidates = await this.#candidates;
    while (offers('publickey')) {
      const candidate = candidates.shift();
      if (candidate === undefined) break;
      const attempt = await candidate.attempt();
      if (attempt === undefined) continue;
      this.#keysTried.push(candidate.name);
      return attempt;
    }
    if (this.#offered === undefined && !this.#askedNone) {
      this.#askedNone = true;
      return { type: 'none', username };
    }
    if (this.#login.methods.keyboardInteractive && !this.#login.batch && offers('keyboard-interactive')) {
      if (!this.#keyboardUseless && this.#rounds < this.#login.prompts) return this.#keyboardInteractive();
    }
    if (this.#login.methods.password && !this.#login.batch && offers('password')) {
      if (this.#passwords < this.#login.prompts) return await this.#password();
    }
    if (!this.#askedNone) {
      this.#askedNone = true;
      return { type: 'none', username };
    }
    return false;
  }

  /** One line about a login that failed: what was tried and what would help. */
  describeFailure(): string {
    const { user, label } = this.#login;
    const keys = this.#keysTried.length;
    const tried: string[] = [];
    if (keys > 0)
      tried.push(
        `${keys} ${keys === 1 ? 'key' : 'keys'} (${this.#keysTried.slice(0, 4).join(', ')}${keys > 4 ? ', …' : ''})`,
      );
    if (this.#rounds > 0) tried.push("the server's questions");
    if (this.#passwords > 0) tried.push(`${this.#passwords} ${this.#passwords === 1 ? 'password' : 'passwords'}`);
    const offered = printable((this.#offered ?? []).join(', '), { lengthMax: 200 });
    return (
      `${label} did not let ${user} in: tried ${tried.join(', ') || 'nothing, for want of a key or an agent'}` +
      `${offered === '' ? '' : `; the server accepts ${offered}`}. Check the user name (-l), or name a key (-i)`
    );
  }

  async #gather(identities: Identities): Promise<Candidate[]> {
    const [held, files] = await Promise.all([
      identities.agent === undefined ? [] : this.#agentKeys(identities.agent),
      Promise.all(identities.files.map((path) => readKeyFile(path, this.#ssh2))),
    ]);
    const chosen: Candidate[] = [];
    const plain: Candidate[] = (identities.inMemory ?? []).map((key) =>
      this.#ofPlainKey({ path: key.comment || 'a key in memory', key }),
    );
    const locked: Candidate[] = [];
    const usedOfAgent = new Set<ParsedKey>();
    for (const file of files) {
      if (file.kind === 'unusable') this.#prompter.tell(`rove: ${file.why}`);
      if (file.kind === 'missing' && identities.named) {
        this.#prompter.tell(`rove: there is no key file ${file.path}`);
      }
      if (file.kind === 'unusable' || file.kind === 'missing') continue;
      const publicKey = file.kind === 'plain' ? file.key : file.publicKey;
      const own = publicKey && held.find((key) => key.getPublicSSH().equals(publicKey.getPublicSSH()));
      if (own !== undefined && identities.agent !== undefined) {
        usedOfAgent.add(own);
        chosen.push(this.#ofAgent(own, identities.agent, file.path));
      } else if (file.kind === 'plain') {
        plain.push(this.#ofPlainKey(file));
      } else if (file.kind === 'locked') {
        locked.push(this.#ofLockedFile(file));
      }
    }
    const { agent } = identities;
    const further =
      agent === undefined || identities.only
        ? []
        : held.filter((key) => !usedOfAgent.has(key)).map((key) => this.#ofAgent(key, agent, undefined));
    return identities.named
      ? [...chosen, ...plain, ...further, ...locked]
      : [...chosen, ...further, ...plain, ...locked];
  }

  #agentKeys(socketPath: string): Promise<ParsedKey[]> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve([]), AGENT_TIMEOUT_MS);
      new this.#ssh2.OpenSSHAgent(socketPath).getIdentities((error, keys) => {
        clearTimeout(timer);
        const usable = (error ? [] : (keys ?? [])).flatMap((key) =>
          // The signature of a certificate's key would be refused: ssh2 sends the bare key under the certificate's type.
          typeof key === 'object' && 'getPublicSSH' in key && !key.type.includes('-cert-') ? [key] : [],
        );
        resolve(usable.slice(0, AGENT_KEYS_MAX));
      });
    });
  }

  #ofAgent(key: ParsedKey, socketPath: string, file: string | undefined): Candidate {
    const agent = new this.#ssh2.OpenSSHAgent(socketPath);
    const sign = (data: Buffer, hash: 'sha256' | 'sha512' | undefined): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        agent.sign(key, data, hash === undefined ? {} : { hash }, (error, signature) => {
          if (error || signature === undefined) reject(error ?? new Error('the agent gave no signature'));
          else resolve(signature);
        });
      });
    const comment = printable(key.comment || key.type, { lengthMax: 60 });
    const name = file ?? `the agent's ${comment}`;
    return { name, attempt: async () => this.#deferred(key, sign) };
  }

  #ofPlainKey(file: { readonly path: string; readonly key: ParsedKey }): Candidate {
    const method: AnyAuthMethod = { type: 'publickey', username: this.#login.user, key: file.key };
    return { name: file.path, attempt: async () => method };
  }

  #ofLockedFile(file: KeyFile & { kind: 'locked' }): Candidate {
    const { publicKey } = file;
    const attempt = async (): Promise<AnyAuthMethod | undefined> => {
      if (this.#login.batch) return undefined;
      if (publicKey === undefined) {
        const key = await this.#unlock(file);
        return key && { type: 'publickey', username: this.#login.user, key };
      }
      return this.#deferred(publicKey, async (data, hash) => {
        const key = await this.#unlock(file);
        if (key === undefined) throw new Error('the passphrase was not given');
        return key.sign(data, hash);
      });
    };
    return { name: file.path, attempt };
  }

  async #unlock(file: KeyFile & { kind: 'locked' }): Promise<ParsedKey | undefined> {
    for (let tries = 0; tries < this.#login.prompts; tries++) {
      const again = tries === 0 ? '' : 'That is not the passphrase. ';
      const passphrase = await this.#prompter.ask(`${again}Passphrase for the key ${file.path}: `, { echo: false });
      if (passphrase === '') return undefined;
      const key = file.unlock(passphrase);
      if (key !== undefined) return key;
    }
    return undefined;
  }

  /** An attempt whose signature may take its time, because an agent or the user is asked first; for ssh2 that is an agent of one key. */
  #deferred(
    key: ParsedKey,
    sign: (data: Buffer, hash: 'sha256' | 'sha512' | undefined) => Promise<Buffer>,
  ): AnyAuthMethod {
    const { BaseAgent } = this.#ssh2;
    const onSign = async (data: Buffer, hash: 'sha256' | 'sha512' | undefined): Promise<Buffer> => {
      const signature = await sign(data, hash);
      this.#signed = true;
      return signature;
    };
    const onError = (error: unknown): void => {
      if (error instanceof UserError) this.#fail(error);
    };
    class OneKey extends BaseAgent<ParsedKey> {
      override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
        done(null, [key]);
      }
      override sign(
        _key: ParsedKey,
        data: Buffer,
        options: { hash?: string } | ((error?: Error | null, signature?: Buffer) => void),
        done?: (error?: Error | null, signature?: Buffer) => void,
      ): void {
        const answer = typeof options === 'function' ? options : done;
        const hash = typeof options === 'function' ? undefined : options.hash;
        onSign(data, hash === 'sha256' || hash === 'sha512' ? hash : undefined).then(
          (signature) => answer?.(null, signature),
          (error: unknown) => {
            onError(error);
            answer?.(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }
    }
    return { type: 'agent', username: this.#login.user, agent: new OneKey() };
  }

  #keyboardInteractive(): AnyAuthMethod {
    this.#rounds++;
    // Refused without a question, it would be so again.
    this.#keyboardUseless = true;
    const prompt = (
      name: string,
      instructions: string,
      _language: string,
      prompts: Prompt[],
      finish: (answers: string[]) => void,
    ): void => {
      this.#keyboardUseless = false;
      this.#answer(name, instructions, prompts).then(finish, (error: unknown) => {
        this.#fail(error instanceof UserError ? error : new UserError(String(error)));
      });
    };
    return { type: 'keyboard-interactive', username: this.#login.user, prompt };
  }

  async #answer(name: string, instructions: string, prompts: readonly Prompt[]): Promise<string[]> {
    for (const text of [name, instructions]) {
      for (const line of printable(text, { lengthMax: PROMPT_LENGTH_MAX, lines: true }).split('\n')) {
        if (line !== '') this.#prompter.tell(line);
      }
    }
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      if (++this.#questions > QUESTIONS_MAX)
        throw new UserError('the server asks without end: log in with a key instead');
      const question = printable(prompt, { lengthMax: PROMPT_LENGTH_MAX, lines: true });
      // Says who asks, so that a server cannot pass for rove's own question.
      answers.push(
        await this.#prompter.ask(`(${this.#login.user}@${this.#login.label}) ${question}`, { echo: echo === true }),
      );
    }
    return answers;
  }

  async #password(): Promise<AnyAuthMethod> {
    this.#passwords++;
    const { user, label } = this.#login;
    const password = await this.#prompter.ask(`${user}@${label}'s password: `, { echo: false });
    this.#lastQuestioned = 'password';
    return { type: 'password', username: user, password };
  }
}
