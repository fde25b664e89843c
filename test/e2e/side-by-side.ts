/**
 * The same keys typed into two shells, each in a pane of a tmux: one at the end of a session, one directly. Once both are still, tmux has
 * to tell the same of both: every cell with its attributes, cursor, modes, title, and the lines that scrolled off, wrapped where they were.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Lab } from '../../bench/lab/lab.ts';
import { PROMPT } from '../../bench/lab/lab.ts';
import { SUBJECT } from './subject.ts';
import { type PaneState, TmuxPane } from './tmux-pane.ts';

const START_MS = 20_000;
const SETTLE_MS = 15_000;
/** So long nothing may change before a pane counts as still. */
const STILL_MS = 120;
/** The same for a program that throws away what is typed too early. */
const PATIENT_MS = 400;
const POLL_MS = 40;

/** What both programs find in their environment: the terminal that a session is for programs. */
const ENVIRONMENT =
  'env -i HOME="$HOME" PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 TERM=xterm-256color COLORTERM=truecolor';

/** What of a pane is compared. */
export interface View {
  /** The rows that are looked at; all if not given. */
  readonly rows?: (row: string, index: number) => boolean;
  /** The cursor, modes and title are not looked at. */
  readonly cellsAlone?: boolean;
}

export class SideBySide {
  readonly remote: TmuxPane;
  readonly direct: TmuxPane;

  private constructor(remote: TmuxPane, direct: TmuxPane) {
    this.remote = remote;
    this.direct = direct;
  }

  /** Two shells at their prompts, in a lab. `name` tells them from others'. */
  static async open(lab: Lab, name: string, cols = 80, rows = 24): Promise<SideBySide> {
    const home = lab.serverHome;
    const clientHome = join(home, '..', 'client-home');
    const folder = join(home, '..', name);
    mkdirSync(folder, { mode: 0o700 });
    // Not while another pair's shells read it.
    if (!existsSync(join(home, '.pane'))) writeFileSync(join(home, '.pane'), `PS1='${PROMPT}'\nHISTFILE=\ncd\n`);
    const size = { folder, cols, rows };
    const [remote, direct] = await Promise.all([
      TmuxPane.open({
        ...size,
        name: 'remote',
        command: [...lab.client.prefix, ...SUBJECT.commandLine(lab)],
        env: { HOME: clientHome },
      }),
      TmuxPane.open({ ...size, name: 'direct', command: ['bash', '-l'], env: { HOME: home } }),
    ]);
    const pair = new SideBySide(remote, direct);
    try {
      await pair.#begin();
    } catch (error) {
      await pair.close();
      throw error;
    }
    return pair;
  }

  /** Types into both, waits until the directly run program shows what is expected, and compares. */
  async step(keys: string, expected: RegExp, view: View = {}): Promise<void> {
    await this.#both((pane) => pane.type(keys));
    await this.direct.waitFor(expected, SETTLE_MS);
    await this.compare(view);
  }

  /** Types into both and waits until nothing changes any more, for programs that throw away what is typed too early. */
  async patientStep(keys: string, isCompared: boolean): Promise<void> {
    await this.#both((pane) => pane.type(keys));
    const until = Date.now() + SETTLE_MS;
    let [direct, remote] = await this.#looks({});
    for (let since = Date.now(), now = since; now - since < PATIENT_MS && now < until; now = Date.now()) {
      await delay(POLL_MS);
      const next = await this.#looks({});
      if (next[0] !== direct || next[1] !== remote) since = now;
      [direct, remote] = next;
    }
    if (isCompared) await this.compare();
  }

  async resize(cols: number, rows: number, expected: RegExp): Promise<void> {
    await this.#both((pane) => pane.resize(cols, rows));
    await this.direct.waitFor(expected, SETTLE_MS);
    await this.compare();
  }

  /** Waits until both are still and equal; fails, with what they show, when they are still and are not, or never are. */
  async compare(view: View = {}): Promise<void> {
    const until = Date.now() + SETTLE_MS;
    let [direct, remote] = await this.#looks(view);
    let since = Date.now();
    for (let now = since; now - since < STILL_MS || direct !== remote; now = Date.now()) {
      if (now > until) break;
      await delay(POLL_MS);
      const next = await this.#looks(view);
      if (next[0] !== direct || next[1] !== remote) since = Date.now();
      [direct, remote] = next;
    }
    expect(remote).toBe(direct);
  }

  /** Types into both and waits until both show it, however the rest looks. */
  async type(keys: string, expected: RegExp): Promise<void> {
    await this.#both((pane) => pane.type(keys));
    await this.#both((pane) => pane.waitFor(expected, SETTLE_MS));
  }

  /** The same with another size: what a terminal does to its main screen then is its own affair. */
  async resizeShell(cols: number, rows: number): Promise<void> {
    await this.#both((pane) => pane.resize(cols, rows));
    // tmux tells the program a moment later.
    await this.type(
      `until stty size | grep "${rows} ${cols}"; do sleep 0.1; done\r`,
      new RegExp(`^${rows} ${cols}$`, 'm'),
    );
  }

  /** Ends a program whose terminal was resized. */
  async leave(keys: string): Promise<void> {
    await this.type(keys, new RegExp(`^${literally(PROMPT.trimEnd())}$`, 'm'));
    await this.step('clear\r', AT_PROMPT);
  }

  /** The lines that scrolled off after the line `mark`, and those of the screen, wrapped ones joined. */
  async compareScrollback(mark: string): Promise<void> {
    const after = ({ lines, rows }: PaneState): string => {
      const [line, row] = [lines.lastIndexOf(mark), rows.lastIndexOf(mark)];
      // How many rows are empty below the text is the screen's affair.
      return (
        [`marks at ${line > 0} ${row > 0}`, ...lines.slice(line)].join('\n').trimEnd() +
        rows.slice(row).join('\n').trimEnd()
      );
    };
    const until = Date.now() + SETTLE_MS;
    for (;;) {
      const [direct, remote] = await this.#both((pane) => pane.state(true));
      if (after(direct) === after(remote) || Date.now() > until) {
        expect(after(remote)).toBe(after(direct));
        return;
      }
      await delay(POLL_MS);
    }
  }

  async close(): Promise<void> {
    await this.#both((pane) => pane.close());
  }

  async #begin(): Promise<void> {
    await this.#both((pane) => pane.waitFor(new RegExp(`^${literally(PROMPT.trimEnd())}`, 'm'), START_MS));
    await this.#both((pane) => pane.type(`exec ${ENVIRONMENT} bash --noprofile --rcfile ~/.pane -i\r`));
    await this.step('\x0c\x15clear\r', AT_PROMPT);
  }

  async #looks(view: View): Promise<readonly [string, string]> {
    const [direct, remote] = await this.#both((pane) => pane.state());
    return [look(direct, view), look(remote, view)];
  }

  #both<T>(act: (pane: TmuxPane) => Promise<T>): Promise<[T, T]> {
    return Promise.all([act(this.direct), act(this.remote)]);
  }
}

/** Nothing but the prompt. */
export const AT_PROMPT = new RegExp(`^${literally(PROMPT.trimEnd())}\\s*$`);

function look({ rows, rest }: PaneState, { rows: wanted = () => true, cellsAlone = false }: View): string {
  return [...rows.filter(wanted), ...(cellsAlone ? [] : [rest])].join('\n');
}

function literally(text: string): string {
  return text.replace(/[$.*+?()[\]{}|\\^]/g, '\\$&');
}
