import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, AuthenticationType, KeyboardAuthContext, Prompt, Server } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrap } from '../../../client/bootstrap/bootstrap.ts';
import { makeKeyPair } from '../../../client/local/key-pair.ts';
import { loadSsh2, type Ssh2 } from '../../../client/ssh/ssh2-library.ts';
import type { RemoteTarget } from '../../../client/ssh/target.ts';
import { encodeAnswer } from '../../../protocol/bootstrap/answer.ts';
import { CANNED_ANSWER } from '../../peers/stand-in-server.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';

/** How the server of a test treats an attempt: lets it in, or refuses it with what is left to try. */
type Judge = (attempt: AuthContext) => void;

const REQUEST = 'rove-request 1 5a\n';
const BANNER = 'Authorized use only\x1b[2J\r\nsecond line\r\n';
/** What every login is told of it. */
const TOLD = ['Authorized use only[2J', 'second line'];

let ssh2: Ssh2;
let directory: string;
let server: Server | undefined;
/** The methods that the server saw, in order. */
let seen: string[];

beforeEach(async () => {
  ssh2 = await loadSsh2();
  directory = mkdtempSync(join(tmpdir(), 'rove-questions-'));
  seen = [];
});
afterEach(() => {
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts an ssh server with `judge` at the door that answers `rove-server connect`; returns the target that reaches it. */
async function door(judge: Judge, ...lines: string[]): Promise<RemoteTarget> {
  const host = makeKeyPair(ssh2);
  const started = new ssh2.Server({ hostKeys: [host.private], banner: BANNER }, (connection) => {
    // Or each step waits out a delayed acknowledgement.
    if ('setNoDelay' in connection && typeof connection.setNoDelay === 'function') connection.setNoDelay(true);
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      seen.push(attempt.method);
      judge(attempt);
    });
    connection.on('session', (accept) => {
      accept().once('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.once('data', () => channel.write(encodeAnswer(CANNED_ANSWER)));
      });
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const configFile = join(directory, 'config');
  writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${host.public}\n`);
  writeFileSync(
    configFile,
    [
      ...lines,
      'IdentityAgent none',
      'IdentityFile none',
      `UserKnownHostsFile ${directory}/known_hosts`,
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking yes',
      '',
    ].join('\n'),
  );
  return {
    host: '127.0.0.1',
    user: 'ann',
    port,
    identityFiles: [],
    configFile,
    family: undefined,
    verbosity: 0,
    ssh: undefined,
    server: 'rove-server',
    directives: [],
    install: 'never',
  };
}

function userKey(passphrase?: string): string {
  const file = join(directory, 'key');
  const pair =
    passphrase === undefined ? makeKeyPair(ssh2) : makeKeyPair(ssh2, { passphrase, cipher: 'aes256-cbc', rounds: 1 });
  writeFileSync(file, pair.private, { mode: 0o600 });
  return file;
}

function asks(attempt: KeyboardAuthContext, prompts: Prompt[], info = ''): Promise<string[]> {
  return new Promise((resolve) => attempt.prompt(prompts, 'The desk', info, (answers) => resolve([...answers])));
}

/** Refuses with the methods that a server of passwords has. */
function refuse(attempt: AuthContext, left: AuthenticationType[] = ['password'], partial = false): void {
  attempt.reject(left, partial);
}

describe('a password', () => {
  it('is asked for up to three times, and not shown', async () => {
    const target = await door((attempt) => {
      if (attempt.method === 'password' && attempt.password === 'right') attempt.accept();
      else refuse(attempt);
    });
    const prompter = new ScriptedPrompter('wrong', 'wronger', 'right');
    expect((await bootstrap(target, REQUEST, prompter)).answer).toEqual(CANNED_ANSWER);
    expect(prompter.questions).toEqual(Array(3).fill("ann@127.0.0.1's password: "));
    expect(prompter.echoes).toEqual([false, false, false]);
    expect(prompter.told).toEqual([...TOLD, ...Array(2).fill('Permission denied, please try again.')]);
    expect(seen).toEqual(['none', 'password', 'password', 'password']);
  });

  it('that stays wrong ends with what was tried', async () => {
    const target = await door((attempt) => refuse(attempt));
    const attempt = bootstrap(target, REQUEST, new ScriptedPrompter('a', 'b', 'c', 'd'));
    await expect(attempt).rejects.toThrow(
      'ann@127.0.0.1: Permission denied (password). Tried 3 passwords. Check the user name (-l), or name a key (-i)',
    );
  });

  it('is asked for as often as the configuration says, or not at all', async () => {
    const once = await door((attempt) => refuse(attempt), 'NumberOfPasswordPrompts 1');
    const prompter = new ScriptedPrompter('a', 'b');
    await expect(bootstrap(once, REQUEST, prompter)).rejects.toThrow(/Tried 1 password\./);
    server?.close();
    const never = await door((attempt) => refuse(attempt), 'BatchMode yes');
    await expect(bootstrap(never, REQUEST, prompter)).rejects.toThrow(/Tried nothing/);
    expect(prompter.questions).toHaveLength(1);
  });

  it('that is aborted ends the bootstrap', async () => {
    const target = await door((attempt) => refuse(attempt));
    await expect(bootstrap(target, REQUEST, new ScriptedPrompter())).rejects.toThrow(/^interrupted$/);
  });
});

describe("the server's questions", () => {
  it('are put one by one, over several rounds, shown or not as the server says', async () => {
    const answers: string[][] = [];
    const target = await door(async (attempt) => {
      if (attempt.method !== 'keyboard-interactive') return refuse(attempt, ['keyboard-interactive']);
      answers.push(
        await asks(
          attempt,
          [
            { prompt: 'Name: ', echo: true },
            { prompt: 'Secret: ', echo: false },
          ],
          'Sign here',
        ),
      );
      answers.push(await asks(attempt, [{ prompt: 'Code: ', echo: true }]));
      answers.push(await asks(attempt, []));
      attempt.accept();
    });
    const prompter = new ScriptedPrompter('ann', 'x', '123456');
    await bootstrap(target, REQUEST, prompter);
    expect(answers).toEqual([['ann', 'x'], ['123456'], []]);
    expect(prompter.questions).toEqual([
      '(ann@127.0.0.1) Name: ',
      '(ann@127.0.0.1) Secret: ',
      '(ann@127.0.0.1) Code: ',
    ]);
    expect(prompter.echoes).toEqual([true, false, true]);
    expect(prompter.told).toContain('Sign here');
  });

  it('lose whatever would act on the terminal', async () => {
    const target = await door(async (attempt) => {
      if (attempt.method !== 'keyboard-interactive') return refuse(attempt, ['keyboard-interactive']);
      await asks(attempt, [{ prompt: '\x1b[2J\x1b]0;x\x07Pass\u202eword\x9b: ', echo: false }], 'a\x1bcb\r\nc');
      attempt.accept();
    });
    const prompter = new ScriptedPrompter('x');
    await bootstrap(target, REQUEST, prompter);
    expect(prompter.questions).toEqual(['(ann@127.0.0.1) [2J]0;xPassword: ']);
    expect(prompter.told).toEqual([...TOLD, 'The desk', 'acb', 'c']);
  });

  it('are answered anew when the answers were wrong, and then the password is tried', async () => {
    const target = await door(async (attempt) => {
      if (attempt.method === 'password') return attempt.accept();
      if (attempt.method === 'keyboard-interactive') await asks(attempt, [{ prompt: '? ', echo: false }]);
      refuse(attempt, ['keyboard-interactive', 'password']);
    });
    const prompter = new ScriptedPrompter('a', 'b', 'c', 'password');
    await bootstrap(target, REQUEST, prompter);
    expect(seen).toEqual(['none', ...Array(3).fill('keyboard-interactive'), 'password']);
  });

  it('are not asked for again by a server that has none', async () => {
    const target = await door((attempt) => {
      if (attempt.method === 'password') attempt.accept();
      else refuse(attempt, ['keyboard-interactive', 'password']);
    });
    await bootstrap(target, REQUEST, new ScriptedPrompter('x'));
    expect(seen).toEqual(['none', 'keyboard-interactive', 'password']);
  });

  it('without end are not answered without end', async () => {
    const target = await door(async (attempt) => {
      if (attempt.method !== 'keyboard-interactive') return refuse(attempt, ['keyboard-interactive']);
      for (;;) {
        if ((await asks(attempt, Array(20).fill({ prompt: '? ', echo: true }))).length === 0) return;
      }
    });
    const prompter = new ScriptedPrompter(...Array<string>(1000).fill('x'));
    await expect(bootstrap(target, REQUEST, prompter)).rejects.toThrow(/asks without end/);
    expect(prompter.questions).toHaveLength(64);
  });
});

describe('two factors', () => {
  it.each([
    ['a plain key', undefined],
    ['a locked key', 'secret'],
  ])('%s and then a password are both given', async (_, passphrase) => {
    let keyGiven = false;
    const judge: Judge = (attempt) => {
      if (attempt.method === 'publickey' && !keyGiven) {
        // First the question whether the key would do, then with a signature.
        if (attempt.signature === undefined) return attempt.accept();
        keyGiven = true;
        return refuse(attempt, ['password'], true);
      }
      if (keyGiven && attempt.method === 'password' && attempt.password === 'right') return attempt.accept();
      refuse(attempt, keyGiven ? ['password'] : ['publickey']);
    };
    const target = await door(judge);
    const answers = passphrase === undefined ? ['right'] : [passphrase, 'right'];
    const prompter = new ScriptedPrompter(...answers);
    await bootstrap({ ...target, identityFiles: [userKey(passphrase)] }, REQUEST, prompter);
    expect(prompter.questions).toHaveLength(answers.length);
    // ssh2 hides the partial success of a key that signs later, so the methods left are asked for.
    expect(seen).toEqual(['publickey', 'publickey', 'none', 'password']);
  });
});

describe('a login', () => {
  it('begins with a key at once, and ends with no method at all if that is what the server wants', async () => {
    const target = await door((attempt) => {
      if (attempt.method === 'none') attempt.accept();
      else refuse(attempt, ['publickey']);
    });
    await bootstrap({ ...target, identityFiles: [userKey()] }, REQUEST, new ScriptedPrompter());
    expect(seen).toEqual(['publickey', 'none']);
  });

  it('shows the banner of the server, made harmless', async () => {
    const target = await door((attempt) => attempt.accept());
    const prompter = new ScriptedPrompter();
    await bootstrap(target, REQUEST, prompter);
    expect(prompter.told).toEqual(TOLD);
  });

  it('tells with -v what happens, and with -vv every step, and no key or password', async () => {
    const target = await door((attempt) => {
      if (attempt.method === 'password') attempt.accept();
      else refuse(attempt);
    });
    const told: string[][] = [];
    for (const verbosity of [1, 2]) {
      const prompter = new ScriptedPrompter('topsecret');
      await bootstrap({ ...target, verbosity }, REQUEST, prompter);
      told.push(prompter.told);
    }
    expect(told[0]?.join('\n')).toMatch(/connected to 127\.0\.0\.1 port \d+\n.*key exchange/);
    expect(told[1]?.length).toBeGreaterThan(30);
    expect(told.flat().join('\n')).not.toMatch(/topsecret|rove-request/);
  });
});
