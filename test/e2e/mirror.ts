/**
 * The same keys typed into two shells, one at the end of the session under test and one with no network in between, whose
 * screens must look the same after each step: letters, colours and cursor.
 */

import { expect } from 'vitest';
import { type Lab, PROMPT } from '../../bench/lab/lab.ts';
import { type Expectation, ScreenTerminal } from '../../bench/lab/screen-terminal.ts';

const SETTLE_MS = 10_000;

export class Mirror {
  readonly remote: ScreenTerminal;
  readonly #local: ScreenTerminal;

  private constructor(remote: ScreenTerminal, local: ScreenTerminal) {
    this.remote = remote;
    this.#local = local;
  }

  /** `remote` stands at its prompt; a shell like it is started beside it. */
  static async of(lab: Lab, remote: ScreenTerminal): Promise<Mirror> {
    const local = new ScreenTerminal({
      command: [...lab.server.prefix, 'bash', '-l'],
      env: { HOME: lab.serverHome, MIRROR: 'yes' },
    });
    await local.waitFor(PROMPT.trimEnd());
    const mirror = new Mirror(remote, local);
    // What the login printed is not the same.
    await mirror.step('\x0c', (terminal) => terminal.rows()[0] === PROMPT.trimEnd());
    return mirror;
  }

  /** Types into both and compares, once the shell without a network shows what is expected. */
  async step(keys: string, expected: Expectation): Promise<void> {
    this.#local.type(keys);
    await this.#local.waitFor(expected, SETTLE_MS);
    this.remote.type(keys);
    await this.compare();
  }

  async resize(cols: number, rows: number, expected: Expectation): Promise<void> {
    this.#local.resize(cols, rows);
    await this.#local.waitFor(expected, SETTLE_MS);
    this.remote.resize(cols, rows);
    await this.compare();
  }

  async compare(): Promise<void> {
    // Both may still be moving: the network, or a program that draws in two strokes.
    const isEqual = (): boolean => this.remote.picture() === this.#local.picture();
    const settled = [this.remote.waitFor(isEqual, SETTLE_MS), this.#local.waitFor(isEqual, SETTLE_MS)];
    await Promise.any(settled).catch(() => {});
    expect(this.remote.picture()).toBe(this.#local.picture());
  }

  async close(): Promise<void> {
    await this.#local.close();
  }
}
