/** Checks of host keys for tests: each with known hosts of its own, and a user who has been told what to answer. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostKeyCheck, type HostKeyCheckOptions } from '../../../client/ssh/host-keys/host-key-check.ts';
import { DEFAULT_SETTINGS, type HostKeyPolicy } from '../../../client/ssh/settings.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { KeyRoom } from './authority.ts';

/** The host of a case that names no other. */
export const HOST = 'host.example';
/** Where it could be. */
export const ADDRESS = '192.0.2.7';

/** A host, what is known of it, and what the user has configured and answers. */
export interface Case extends Partial<HostKeyPolicy> {
  /** The text of the user's file. */
  readonly known?: string;
  readonly host?: string;
  readonly port?: number;
  readonly answers?: readonly string[];
  readonly options?: HostKeyCheckOptions;
}

/** A check and what it works with. */
export interface Checked {
  readonly check: HostKeyCheck;
  readonly prompter: ScriptedPrompter;
  /** The user's file. */
  readonly file: string;
}

/** Keys and files. */
export class CheckRoom extends KeyRoom {
  #files = 0;

  fileOf(text: string): string {
    const file = join(this.directory, `file${this.#files++}`);
    writeFileSync(file, text);
    return file;
  }

  checkOf({ known = '', host = HOST, port = 22, answers = [], options = {}, ...policy }: Case): Checked {
    const file = this.fileOf(known);
    const prompter = new ScriptedPrompter(...answers);
    const full = { ...DEFAULT_SETTINGS.hostKeys, userFiles: [file], ...policy };
    return { check: new HostKeyCheck(host, port, full, prompter, options), prompter, file };
  }
}
