/**
 * The shell that the end-to-end tests put through its paces: rove. With ROVE_E2E_SHELL=mosh or =ssh it is that one, which
 * proves the tests themselves: what another program with the same promise passes is no whim of the harness.
 */

import process from 'node:process';
import { Lab, type LabOptions, labMissing, PROMPT } from '../../bench/lab/lab.ts';
import type { ScreenTerminal, ScreenTerminalOptions } from '../../bench/lab/screen-terminal.ts';
import { findShells, ROVE } from '../../bench/lab/shells.ts';

const wanted = process.env.ROVE_E2E_SHELL ?? ROVE.name;
const { shells, missing } = findShells();
const found = shells.find(({ name }) => name === wanted);

/** The shell under test. */
export const SUBJECT = found ?? ROVE;

/** Why nothing can be tested here, in a few words; undefined when it can. */
export const MISSING: string | undefined =
  labMissing() ??
  (found === undefined ? (missing.find((why) => why.startsWith(wanted)) ?? `no shell ${wanted}`) : undefined);

/** A title for `describe` that says why it is skipped, if it is. */
export function titled(title: string): string {
  return MISSING === undefined ? title : `${title} (skipped: ${MISSING})`;
}

/** A session, at its prompt. */
export interface Session {
  readonly lab: Lab;
  readonly terminal: ScreenTerminal;
}

/** Opens a lab and a session in it, hands them to `use`, and clears them away whatever happens. */
export async function withSession(options: LabOptions, use: (session: Session) => Promise<void>): Promise<void> {
  await withLab(options, async (lab) => {
    await use({ lab, terminal: await openSession(lab) });
  });
}

export async function withLab(options: LabOptions, use: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await Lab.open(options);
  try {
    await use(lab);
  } finally {
    await lab.close();
  }
}

/** A session in the lab, at its prompt. */
export async function openSession(
  lab: Lab,
  options: Omit<ScreenTerminalOptions, 'command'> = {},
): Promise<ScreenTerminal> {
  const terminal = lab.start(SUBJECT.commandLine(lab), options);
  await terminal.waitFor(PROMPT.trimEnd(), 20_000);
  return terminal;
}
