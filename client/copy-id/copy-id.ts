/**
 * `rove copy-id`: puts public keys into authorized_keys on a host, as ssh-copy-id does: tries which of them let the user in already, logs in
 * as the user otherwise does, adds what is missing, and sees whether that helped.
 */

import process from 'node:process';
import { openLog } from '../log.ts';
import { printable } from '../printable.ts';
import { resolveSettings } from '../ssh/config/resolve.ts';
import { connectSsh } from '../ssh/connect.ts';
import type { RemoteProcess } from '../ssh/connection.ts';
import { TerminalPrompter } from '../ssh/terminal-prompter.ts';
import { UserError } from '../user-error.ts';
import { AUTHORIZE_COMMAND, type AuthorizeOutcome, authorizeScript, readAuthorizeOutcome } from './authorize-script.ts';
import { base64Of, type ChosenKey, chooseKeys, lineOfKey, nameOfKey } from './chosen-keys.ts';
import { COPY_ID_USAGE, type CopyIdOptions, parseCopyIdOptions } from './copy-id-options.ts';
import { letsIn, type TrialPlace } from './key-trial.ts';

/** What the script and a noisy login shell may say, in characters. */
const OUTPUT_LENGTH_MAX = 64 * 1024;
/** Of what a host says instead, in characters. */
const SAID_LENGTH_MAX = 200;
/** For the script, which does a handful of small things, in ms. */
const SCRIPT_MAX_MS = 60_000;

/** Runs `rove copy-id` with `words` after it. Gives the exit status. Throws `UsageError` or `UserError`. */
export async function runCopyId(words: readonly string[]): Promise<number> {
  const options = parseCopyIdOptions(words);
  if (options.kind === 'copy') await copy(options);
  else process.stdout.write(COPY_ID_USAGE);
  return 0;
}

async function copy({ target, file, dryRun, force, log: wanted }: CopyIdOptions & { kind: 'copy' }): Promise<void> {
  const settings = await resolveSettings(target);
  const prompter = new TerminalPrompter();
  const { log } = openLog(wanted.level ?? settings.logLevel, wanted.file, (line) => prompter.tell(line));
  const place: TrialPlace = { settings, target, prompter, log };
  const host = settings.label;
  const chosen = await chooseKeys(file, settings.identities.agent);

  const missing: ChosenKey[] = [];
  for (const key of chosen) {
    if (!force && key.usable && (await letsIn(key, place))) say(`${host} lets this key in already: ${nameOfKey(key)}`);
    else missing.push(key);
  }
  if (dryRun) for (const key of missing) say(`would be added on ${host}: ${lineOfKey(key)}`);
  if (dryRun || missing.length === 0) return;

  const outcome = await authorize(missing, place);
  if (outcome.kind !== 'done') throw new UserError(`${host}: ${outcome.why}`);
  const added = missing.filter((_, index) => outcome.added.has(index));
  for (const key of missing) {
    const what = added.includes(key) ? 'added on' : 'is there already on';
    say(`${what} ${host}: ${nameOfKey(key)}`);
  }
  const usable = missing.filter((key) => key.usable);
  if (!force && usable.length > 0 && !(await oneMayBeIn(usable, place))) {
    const why = outcome.openHome
      ? 'others may write to your home there, which sshd does not like: chmod go-w ~ on it'
      : 'look at AuthorizedKeysFile, PubkeyAuthentication and the log of its sshd, and at what stands before the key';
    throw new UserError(`${host} has the key and still does not let it in by itself: ${why}`);
  }
}

/** False if the host refuses them all. */
async function oneMayBeIn(keys: readonly ChosenKey[], place: TrialPlace): Promise<boolean> {
  for (const key of keys) if ((await letsIn(key, place)) !== false) return true;
  return false;
}

type Authorized = Extract<AuthorizeOutcome, { kind: 'done' }> | { readonly kind: 'refused'; readonly why: string };

/** Logs in and has the keys added. Rejects with `UserError`. */
async function authorize(keys: readonly ChosenKey[], place: TrialPlace): Promise<Authorized> {
  const connection = connectSsh(place);
  let timer: NodeJS.Timeout | undefined;
  try {
    const remote = await connection.run(AUTHORIZE_COMMAND);
    const script = authorizeScript(keys.map((key) => ({ line: lineOfKey(key), base64: base64Of(key.key) })));
    const tooLong = new Promise<never>((_, reject) => {
      const late = new UserError(`${place.settings.label} has not added the key after a minute: try again`);
      timer = setTimeout(() => reject(late), SCRIPT_MAX_MS);
    });
    const { stdout, stderr } = await Promise.race([talk(remote, script), tooLong]);
    const outcome = readAuthorizeOutcome(stdout);
    if (outcome.kind === 'done') return outcome;
    if (outcome.kind === 'failed') return { kind: 'refused', why: told(outcome.why) };
    const said = told(stderr.trim() || stdout.trim());
    const words = said === '' ? 'said nothing' : `said: ${said}`;
    return { kind: 'refused', why: `no shell ran to add the key; it ${words}. Its administrator has to add it` };
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

/** Gives `input` to the program and gathers what it says. */
async function talk(remote: RemoteProcess, input: string): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    remote[stream].on('data', (bytes: Buffer) => {
      if (said[stream].length < OUTPUT_LENGTH_MAX) said[stream] += bytes.toString();
    });
  }
  // Whoever does not read is found out by the answer that is missing.
  remote.stdin.on('error', () => undefined);
  remote.stdin.end(input);
  await remote.exited;
  return said;
}

function told(text: string): string {
  return printable(text, { lengthMax: SAID_LENGTH_MAX });
}

function say(line: string): void {
  process.stdout.write(`rove: ${line}\n`);
}
