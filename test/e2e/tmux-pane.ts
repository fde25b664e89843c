/**
 * A program in a pane of a tmux that nobody looks at: typed into, resized, and read cell by cell with attributes, cursor, modes, title and
 * scrollback. tmux is a terminal that many people use, and another one than those of the other tests.
 */

import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { rowLooks } from './row-looks.ts';

export interface TmuxPaneOptions {
  /** Where the socket and the configuration are to lie. */
  readonly folder: string;
  /** Of the socket: another one for each pane. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Exactly this, beside the PATH; TERM is tmux's affair. */
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
}

/** All that tmux tells of a pane. */
export interface PaneState {
  /** The rows, in words: equal for rows that look the same. */
  readonly rows: readonly string[];
  /** Their text, in which a row that goes on from the one above is one with it. */
  readonly lines: readonly string[];
  /** Cursor, modes and title. */
  readonly rest: string;
}

const CONFIGURATION = `
set -g status off
set -g default-terminal tmux-256color
set -g history-limit 50000
set -s escape-time 0
set -s exit-empty on
set -g remain-on-exit on
set -g set-titles off
set -g allow-rename on
set -s set-clipboard off
`;
const REST =
  '#{cursor_x},#{cursor_y} shown=#{cursor_flag} alternate=#{alternate_on} arrows=#{keypad_cursor_flag} keypad=#{keypad_flag} ' +
  'mouse=#{mouse_standard_flag}#{mouse_button_flag}#{mouse_any_flag} sgr=#{mouse_sgr_flag} utf8=#{mouse_utf8_flag} title=#{pane_title}';
const POLL_MS = 40;
const COMMAND_MS = 5_000;

/** Why there can be no pane here, in a few words; undefined when there can. */
export function tmuxMissing(): string | undefined {
  return spawnSync('tmux', ['-V']).error === undefined ? undefined : 'tmux is not installed';
}

export class TmuxPane {
  readonly #options: TmuxPaneOptions;
  readonly #socket: string;

  private constructor(options: TmuxPaneOptions) {
    this.#options = options;
    this.#socket = join(options.folder, options.name);
  }

  /** Starts the program. */
  static async open(options: TmuxPaneOptions): Promise<TmuxPane> {
    const pane = new TmuxPane(options);
    const configuration = `${pane.#socket}.conf`;
    writeFileSync(configuration, CONFIGURATION);
    const size = ['-x', String(options.cols), '-y', String(options.rows)];
    await pane.#tmux('-f', configuration, 'new-session', '-d', ...size, ...options.command);
    return pane;
  }

  /** Types bytes as a keyboard does. */
  async type(keys: string): Promise<void> {
    const hex = Array.from(Buffer.from(keys), (byte) => byte.toString(16).padStart(2, '0'));
    await this.#tmux('send-keys', '-H', ...hex);
  }

  async resize(cols: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(cols), '-y', String(rows));
  }

  /** What it shows now. `scrollback`: with the lines that have scrolled off before. */
  async state(scrollback = false): Promise<PaneState> {
    const from = scrollback ? ['-S', '-'] : [];
    const [rows, lines, rest] = await Promise.all([
      this.#tmux('capture-pane', '-p', '-e', '-N', ...from),
      this.#tmux('capture-pane', '-p', '-J', ...from),
      this.#tmux('display-message', '-p', REST),
    ]);
    return { rows: rowLooks(linesOf(rows)), lines: linesOf(lines).map((line) => line.trimEnd()), rest: rest.trimEnd() };
  }

  /** The screen as plain text. */
  async text(): Promise<string> {
    return await this.#tmux('capture-pane', '-p');
  }

  /** Waits until the screen shows it. */
  async waitFor(expected: RegExp, timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const text = await this.text();
      if (expected.test(text)) return;
      if (Date.now() > until) throw new Error(`not seen within ${timeoutMs} ms: ${expected}\n${text}`);
      await delay(POLL_MS);
    }
  }

  /** Ends whatever runs in it. */
  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
  }

  #tmux(...words: readonly string[]): Promise<string> {
    const { env, folder } = this.#options;
    const path = process.env.PATH ?? '/usr/bin:/bin';
    return new Promise((resolve, reject) => {
      execFile(
        'tmux',
        ['-S', this.#socket, ...words],
        {
          env: { PATH: path, LANG: 'C.UTF-8', SHELL: '/bin/sh', ...env },
          cwd: folder,
          timeout: COMMAND_MS,
          maxBuffer: 1 << 24,
        },
        (error, stdout) => {
          if (error === null) resolve(stdout);
          else reject(error);
        },
      );
    });
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
