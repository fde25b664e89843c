import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NobodyToAsk, type Prompter } from '../../../client/ssh/prompter.ts';
import type { Settings } from '../../../client/ssh/settings.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { ask, type Door, type Judge, logIn, openDoor, refuse } from './door.ts';
import { makeKey } from './keys.ts';

let door: Door | undefined;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rove-questions-'));
});
afterEach(() => {
  door?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A door with `judge` at it, and how to get there. */
async function settingsFor(judge: Judge, changes: Partial<Settings> = {}, banner?: string): Promise<Settings> {
  door = await openDoor(judge, banner);
  return { ...door.settings, ...changes };
}

function seen(): readonly string[] {
  return door?.seen ?? [];
}

/** With one key of the user's, behind a passphrase or not. */
function withKeys(settings: Settings, ...passphrases: readonly string[]): Settings {
  const files = passphrases.map((passphrase, at) => makeKey(join(directory, `key${at}`), 'ed25519', { passphrase }));
  return { ...settings, identities: { ...settings.identities, files, named: true } };
}

/** Lets in whoever gives one of the passwords. */
function wanting(...passwords: readonly string[]): Judge {
  return (attempt) => {
    if (attempt.method === 'password' && passwords.includes(attempt.password)) attempt.accept();
    else refuse(attempt);
  };
}

describe('a password', () => {
  it('is asked for up to three times, and not shown', async () => {
    const settings = await settingsFor(wanting('right'));
    const prompter = new ScriptedPrompter('wrong', 'wronger', 'right');
    await logIn(settings, prompter);
    expect(prompter.questions).toEqual(Array(3).fill("ann@127.0.0.1's password: "));
    expect(prompter.echoes).toEqual([false, false, false]);
    expect(prompter.told).toEqual(Array(2).fill('Permission denied, please try again.'));
    expect(seen()).toEqual(['none', 'password', 'password', 'password']);
  });

  it('that stays wrong ends with what was tried, in the words that scripts look for', async () => {
    const prompter = new ScriptedPrompter('a', 'b', 'c', 'd');
    await expect(logIn(await settingsFor(wanting()), prompter)).rejects.toThrow(
      'ann@127.0.0.1: Permission denied (password). Tried 3 passwords. Check the user name (-l), or name a key (-i)',
    );
    // Nothing follows the last one, so there is nothing to try again.
    expect(prompter.told).toHaveLength(2);
  });

  it('is asked for as often as the configuration says, or not at all', async () => {
    const prompter = new ScriptedPrompter('a', 'b');
    const once = await settingsFor(wanting(), { prompts: 1 });
    await expect(logIn(once, prompter)).rejects.toThrow(/Tried 1 password\./);
    await expect(logIn({ ...once, batch: true }, prompter)).rejects.toThrow(/Tried nothing/);
    expect(prompter.questions).toHaveLength(1);
  });

  it('that stays wrong on a server that offers nothing else any more ends in the same words', async () => {
    const settings = await settingsFor((attempt) => refuse(attempt, attempt.method === 'none' ? ['password'] : []));
    await expect(logIn(settings, new ScriptedPrompter('a'))).rejects.toThrow(
      /^ann@127\.0\.0\.1: Permission denied \(\)\./,
    );
  });

  it('that is aborted ends the login', async () => {
    await expect(logIn(await settingsFor(wanting()), new ScriptedPrompter())).rejects.toThrow(/^interrupted$/);
  });

  it('that has expired is changed on the way, the new one typed twice', async () => {
    let change: [string, string] | undefined;
    const settings = await settingsFor((attempt) => {
      if (attempt.method !== 'password') return refuse(attempt);
      attempt.requestChange('Expired\x1b[2J: choose another', (fresh: string) => {
        change = [attempt.password, fresh];
        attempt.accept();
      });
    });
    const prompter = new ScriptedPrompter('old', 'old', 'one', 'two', 'new', 'new');
    await logIn(settings, prompter);
    expect(change).toEqual(['old', 'new']);
    expect(prompter.told).toEqual(['Expired[2J: choose another', 'Mismatch; try again, or an empty line to quit.']);
    const [, second, third, fourth] = prompter.questions;
    expect([second, third, fourth]).toEqual([
      "Enter ann@127.0.0.1's old password: ",
      "Enter ann@127.0.0.1's new password: ",
      "Retype ann@127.0.0.1's new password: ",
    ]);
    expect(prompter.echoes).not.toContain(true);
  });

  it('is asked for under the name that the host goes by', async () => {
    const settings = await settingsFor(wanting('right'));
    const prompter = new ScriptedPrompter('right');
    await logIn({ ...settings, hostKeys: { ...settings.hostKeys, alias: 'vault' } }, prompter);
    expect(prompter.questions).toEqual(["ann@vault's password: "]);
  });
});

/** Refuses all but keyboard-interactive, which `rounds` is. */
function keyboard(rounds: (attempt: AuthContext & { method: 'keyboard-interactive' }) => Promise<void>): Judge {
  return (attempt) => {
    if (attempt.method === 'keyboard-interactive') void rounds(attempt);
    else refuse(attempt, ['keyboard-interactive']);
  };
}

describe("the server's questions", () => {
  it('are put one by one, over several rounds, shown or not as the server says', async () => {
    const answers: string[][] = [];
    const name = { prompt: 'Name: ', echo: true };
    const settings = await settingsFor(
      keyboard(async (attempt) => {
        answers.push(await ask(attempt, [name, { prompt: 'Secret: ', echo: false }], 'Sign here'));
        answers.push(await ask(attempt, [{ prompt: 'Code: ', echo: true }]));
        answers.push(await ask(attempt, [], 'The password expires in 3 days'));
        attempt.accept();
      }),
    );
    const prompter = new ScriptedPrompter('ann', 'x', '123456');
    await logIn(settings, prompter);
    expect(answers).toEqual([['ann', 'x'], ['123456'], []]);
    expect(prompter.questions).toEqual([
      '(ann@127.0.0.1) Name: ',
      '(ann@127.0.0.1) Secret: ',
      '(ann@127.0.0.1) Code: ',
    ]);
    expect(prompter.echoes).toEqual([true, false, true]);
    expect(prompter.told).toEqual(['The desk', 'Sign here', 'The desk', 'The desk', 'The password expires in 3 days']);
  });

  it('lose whatever would act on the terminal', async () => {
    const settings = await settingsFor(
      keyboard(async (attempt) => {
        await ask(attempt, [{ prompt: '\x1b[2J\x1b]0;x\x07Pass\u202eword\x9b: ', echo: false }], 'a\x1bcb\r\nc');
        attempt.accept();
      }),
    );
    const prompter = new ScriptedPrompter('x');
    await logIn(settings, prompter);
    expect(prompter.questions).toEqual(['(ann@127.0.0.1) [2J]0;xPassword: ']);
    expect(prompter.told).toEqual(['The desk', 'acb', 'c']);
  });

  it('are answered anew when the answers were wrong, and then the password is tried', async () => {
    const settings = await settingsFor(async (attempt) => {
      if (attempt.method === 'password') return attempt.accept();
      if (attempt.method === 'keyboard-interactive') await ask(attempt, [{ prompt: '? ', echo: false }]);
      refuse(attempt, ['keyboard-interactive', 'password']);
    });
    await logIn(settings, new ScriptedPrompter('a', 'b', 'c', 'password'));
    expect(seen()).toEqual(['none', ...Array(3).fill('keyboard-interactive'), 'password']);
  });

  it('are not asked for again by a server that has none', async () => {
    const settings = await settingsFor((attempt) => {
      if (attempt.method === 'password') attempt.accept();
      else refuse(attempt, ['keyboard-interactive', 'password']);
    });
    await logIn(settings, new ScriptedPrompter('x'));
    expect(seen()).toEqual(['none', 'keyboard-interactive', 'password']);
  });

  it('without end are not answered without end', async () => {
    const settings = await settingsFor(
      keyboard(async (attempt) => {
        while ((await ask(attempt, Array(20).fill({ prompt: '? ', echo: true }))).length > 0);
      }),
    );
    const prompter = new ScriptedPrompter(...Array<string>(1000).fill('x'));
    await expect(logIn(settings, prompter)).rejects.toThrow(/asks without end/);
    expect(prompter.questions).toHaveLength(64);
  });

  it('that ask nothing, without end, are not answered without end either', async () => {
    let rounds = 0;
    const settings = await settingsFor(
      keyboard(async (attempt) => {
        for (; rounds < 1000; rounds++) await ask(attempt, []);
      }),
    );
    await expect(logIn(settings, new ScriptedPrompter())).rejects.toThrow(/asks without end/);
    expect(rounds).toBeLessThan(100);
  });
});

describe('where nobody can be asked', () => {
  const nobody: Prompter = {
    ask: async (question) => {
      throw new NobodyToAsk(`nobody for ${question}`);
    },
    tell: () => undefined,
  };

  it('a locked key is passed over for one that is not', async () => {
    const settings = await settingsFor((attempt) => {
      // What has no signature is the question whether a locked key would do.
      if (attempt.method === 'publickey' && attempt.signature === undefined) attempt.accept();
      else refuse(attempt, ['publickey']);
    });
    await expect(logIn(withKeys(settings, 'secret', ''), nobody)).rejects.toThrow(
      /Permission denied \(publickey\)\. Tried 2 keys .*nobody for Enter passphrase/,
    );
    // The plain one with its signature, the locked one without.
    expect(seen().slice(0, 2)).toEqual(['publickey', 'publickey']);
  });

  it('a password is not waited for', async () => {
    await expect(logIn(await settingsFor(wanting('x')), nobody)).rejects.toThrow(
      /Permission denied \(password\)\. Tried nothing.*nobody for ann@127\.0\.0\.1's password/,
    );
  });
});

describe('two factors', () => {
  it.each([
    ['a plain key', ''],
    ['a locked key', 'secret'],
  ])('%s and then a password are both given', async (_, passphrase) => {
    let keyGiven = false;
    const settings = await settingsFor((attempt) => {
      if (attempt.method === 'publickey' && !keyGiven) {
        // The question whether the key would do, which a locked one begins with.
        if (attempt.signature === undefined) return attempt.accept();
        keyGiven = true;
        return refuse(attempt, ['password'], true);
      }
      if (keyGiven && attempt.method === 'password' && attempt.password === 'right') return attempt.accept();
      refuse(attempt, keyGiven ? ['password'] : ['publickey']);
    });
    const answers = passphrase === '' ? ['right'] : [passphrase, 'right'];
    const prompter = new ScriptedPrompter(...answers);
    await logIn(withKeys(settings, passphrase), prompter);
    expect(prompter.questions).toHaveLength(answers.length);
    expect(prompter.told).toEqual([]);
    expect(seen()).toEqual(passphrase === '' ? ['publickey', 'password'] : ['publickey', 'publickey', 'password']);
  });

  it('two keys are both given, and none twice', async () => {
    const given: string[] = [];
    const settings = await settingsFor((attempt) => {
      if (attempt.method !== 'publickey') return refuse(attempt, ['publickey']);
      const key = attempt.key.data.toString('base64');
      if (given.includes(key)) return refuse(attempt, ['publickey']);
      given.push(key);
      if (given.length === 2) attempt.accept();
      else refuse(attempt, ['publickey'], true);
    });
    await logIn(withKeys(settings, '', ''), new ScriptedPrompter());
    expect(seen()).toEqual(['publickey', 'publickey']);
  });

  it('a key that came too early is given again when it is wanted', async () => {
    let passwordGiven = false;
    const settings = await settingsFor((attempt) => {
      if (attempt.method === 'password') {
        passwordGiven = true;
        return refuse(attempt, ['publickey'], true);
      }
      if (passwordGiven && attempt.method === 'publickey') return attempt.accept();
      refuse(attempt, ['password']);
    });
    await logIn(withKeys(settings, ''), new ScriptedPrompter('x'));
    expect(seen()).toEqual(['publickey', 'password', 'publickey']);
  });

  it('that never suffice come to an end', async () => {
    const settings = await settingsFor((attempt) => refuse(attempt, ['password'], true));
    const prompter = new ScriptedPrompter(...Array<string>(1000).fill('x'));
    await expect(logIn(settings, prompter)).rejects.toThrow('desk asks for proofs without end');
    expect(prompter.questions.length).toBeLessThan(50);
  });
});

describe('a login', () => {
  it('begins with a key at once, and ends with no method at all if that is what the server wants', async () => {
    const settings = await settingsFor((attempt) => {
      if (attempt.method === 'none') attempt.accept();
      else refuse(attempt, ['publickey']);
    });
    await logIn(withKeys(settings, ''), new ScriptedPrompter());
    expect(seen()).toEqual(['publickey', 'none']);
  });

  it('goes by the order of methods that the user prefers', async () => {
    const all = await settingsFor((attempt) => refuse(attempt, ['publickey', 'keyboard-interactive', 'password']));
    const { methods } = all;
    const attempt = (changes: Partial<Settings['methods']>): Promise<unknown> =>
      logIn(
        withKeys({ ...all, prompts: 1, methods: { ...methods, ...changes } }, ''),
        new ScriptedPrompter('x', 'y'),
      ).catch(() => undefined);
    await attempt({ preferred: ['password', 'publickey', 'keyboard-interactive'] });
    expect(seen()).toEqual(['none', 'password', 'publickey', 'keyboard-interactive']);
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'rove-questions-'));
    door?.seen.splice(0);
    await attempt({ password: false, preferred: ['keyboard-interactive', 'password'] });
    expect(seen()).toEqual(['none', 'keyboard-interactive']);
  });

  it('to a host that may be another one gives no password and answers no question', async () => {
    const settings = await settingsFor((attempt) => {
      if (attempt.method === 'publickey') attempt.accept();
      else refuse(attempt, ['publickey', 'keyboard-interactive', 'password']);
    });
    const { pinned: _, ...policy } = settings.hostKeys;
    const other = readFileSync(`${makeKey(join(directory, 'other'), 'ed25519')}.pub`, 'utf8');
    writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${settings.port} ${other}`);
    const hostKeys = { ...policy, strict: 'no', userFiles: [join(directory, 'known_hosts')] } as const;
    const prompter = new ScriptedPrompter('secret');
    const changed = { ...settings, hostKeys };
    await expect(logIn(changed, prompter)).rejects.toThrow(/Permission denied/);
    expect(prompter.questions).toEqual([]);
    expect(seen()).toEqual(['none']);
    expect(prompter.told).toContainEqual(expect.stringMatching(/^Password authentication is disabled/));
    expect(prompter.told).toContainEqual(expect.stringMatching(/^Keyboard-interactive authentication is disabled/));
    // A signature is worth nothing to anybody else.
    await logIn(withKeys(changed, ''), new ScriptedPrompter());
  });

  it('shows the banner of the server, made harmless', async () => {
    const banner = 'Authorized use only\x1b[2J\r\nsecond line\r\n';
    const settings = await settingsFor((attempt) => attempt.accept(), {}, banner);
    const prompter = new ScriptedPrompter();
    await logIn(settings, prompter);
    expect(prompter.told).toEqual(['Authorized use only[2J', 'second line']);
  });

  it('tells with -v what happens, and with -vv every step, and no key or password', async () => {
    const settings = await settingsFor(wanting('topsecret'));
    const told: string[][] = [];
    for (const logLevel of ['debug1', 'debug2'] as const) {
      told.push(await logIn(withKeys({ ...settings, logLevel }), new ScriptedPrompter('topsecret')));
    }
    expect(told[0]?.join('\n')).toMatch(/connected to 127\.0\.0\.1 port \d+\n.*key exchange/);
    expect(told[1]?.length).toBeGreaterThan(30);
    expect(told.flat().join('\n')).not.toMatch(/topsecret/);
  });

  it('tells nothing that it need not with -q', async () => {
    const settings = await settingsFor(wanting('right'));
    const prompter = new ScriptedPrompter('wrong', 'right');
    await logIn({ ...settings, logLevel: 'quiet' }, prompter);
    expect(prompter.told).toEqual([]);
    expect(prompter.questions).toHaveLength(2);
  });
});
