/**
 * Whether a host lets a key in: a login with that key and nothing else. A key behind a passphrase is not unlocked for it, since the server
 * says before that whether it would do.
 */

import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Log } from '../log.ts';
import { NeedsSystemSsh } from '../ssh/auth/needs-system-ssh.ts';
import { connectSsh } from '../ssh/connect.ts';
import type { Prompter } from '../ssh/prompter.ts';
import type { Settings } from '../ssh/settings.ts';
import type { RemoteTarget } from '../ssh/target.ts';
import { UserError } from '../user-error.ts';
import { type ChosenKey, lineOfKey } from './chosen-keys.ts';

/** Where the keys are tried. */
export interface TrialPlace {
  readonly settings: Settings;
  readonly target: RemoteTarget;
  readonly prompter: Prompter;
  readonly log: Log;
}

/** How every login ends that the server does not want. */
const DENIED = /: Permission denied\b/;
/** What the log says of a key after which the server wants more. */
const PARTLY_IN = /publickey with partial success/;

/** Whether the host lets `key` in; undefined if only the system's ssh could tell. Rejects with `UserError` if it did not come to that. */
export async function letsIn(
  key: ChosenKey,
  { settings, target, prompter, log }: TrialPlace,
): Promise<boolean | undefined> {
  if (target.ssh !== undefined) return undefined;
  // Files of their own, so that no certificate lies beside the key and is let in for it.
  const folder = await mkdtemp(join(tmpdir(), 'rove-key-'));
  try {
    const file = join(folder, 'key');
    await writeFile(`${file}.pub`, `${lineOfKey(key)}\n`);
    if (key.privateFile !== undefined) await symlink(resolve(key.privateFile), file);
    let wouldDo = false;
    // Wherever a second proof is asked for, the key has done its part.
    const watching = new Log(log.wants('debug1') ? log.level : 'debug1', (line) => {
      if (PARTLY_IN.test(line)) wouldDo = true;
      const [, deeper, text = line] = /^(debug\d): (.*)$/.exec(line) ?? [];
      if (!wouldDo && !line.includes(folder)) log.tell(deeper === undefined ? 'info' : 'debug1', text);
    });
    const connection = connectSsh({
      settings: withKeyOnly(settings, file),
      target,
      builtInOnly: true,
      log: watching,
      prompter: {
        ask(question, options) {
          if (!question.includes(file)) return prompter.ask(question, options);
          wouldDo = true;
          return Promise.reject(new UserError('the key is not needed'));
        },
        tell: (line) => wouldDo || line.includes(folder) || prompter.tell(line),
      },
    });
    try {
      await connection.ready;
      return true;
    } catch (error) {
      if (wouldDo) return true;
      if (error instanceof UserError && DENIED.test(error.message)) return false;
      throw error;
    } finally {
      connection.close();
    }
  } catch (error) {
    // That one would try the user's other keys, too.
    if (error instanceof NeedsSystemSsh) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withKeyOnly(settings: Settings, file: string): Settings {
  return {
    ...settings,
    identities: {
      agent: settings.identities.agent,
      files: [file],
      certificates: [],
      named: true,
      only: true,
      addToAgent: 'no',
    },
    methods: { publicKey: true, keyboardInteractive: false, password: false, preferred: ['publickey'] },
  };
}
