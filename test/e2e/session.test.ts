/**
 * A session from its start to its end: it carries sizes, pastes and floods, hands on the exit status, and leaves the user's
 * terminal as it was, whichever way it ends.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtProgram } from '../../bench/installation.ts';
import { HOST, type Lab, PROMPT } from '../../bench/lab/lab.ts';
import { runningProcesses } from '../../bench/lab/process-usage.ts';
import type { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import { symmetric } from '../../bench/link/link.ts';
import { MISSING, openSession, SUBJECT, titled, withLab, withSession } from './subject.ts';

const LINK = symmetric(20);
/** What only rove promises. */
const ours = test.skipIf(SUBJECT.name !== 'rove');

describe.skipIf(MISSING !== undefined).concurrent(titled(`a session of ${SUBJECT.name}`), () => {
  // mosh does not hand it on.
  test.skipIf(SUBJECT.name === 'mosh')('the exit status is that of the shell', async () => {
    await withSession({ link: LINK }, async ({ terminal }) => {
      terminal.type('exit 42\r');
      expect(await terminal.exited).toBe(42);
    });
  });

  test.skipIf(SUBJECT.name === 'mosh')(
    'a command runs instead of the login shell, and its output and status arrive',
    async () => {
      await withLab({ link: LINK }, async (lab) => {
        const terminal = lab.start(SUBJECT.commandLine(lab, 'echo "two words"; tty; exit 7'));
        expect(await terminal.exited).toBe(7);
      });
    },
  );

  test('a resize reaches the program', async () => {
    await withSession({ link: LINK }, async ({ terminal }) => {
      terminal.type('stty size\r');
      await terminal.waitFor('24 80');
      for (const [cols, rows] of [
        [132, 50],
        [20, 5],
        [80, 24],
      ] as const) {
        terminal.resize(cols, rows);
        // Asked again and again: the answer is that of the size at that moment.
        await eventually(terminal, 'clear; stty size\r', `${rows} ${cols}`);
      }
    });
  });

  test('a flood is cut short by Ctrl-C', async () => {
    await withSession({ link: symmetric(20, { rateBps: 20e6 }) }, async ({ terminal }) => {
      terminal.type('yes\r');
      await terminal.waitFor(() =>
        terminal
          .rows()
          .slice(2, 20)
          .every((row) => row === 'y'),
      );
      terminal.type('\x03');
      await terminal.waitFor(() => isAtPrompt(terminal));
      terminal.type('echo alive\r');
      await terminal.waitFor(/^alive$/m);
    });
  });

  test('a paste of 200 kB into a program that reads late arrives whole', async () => {
    await withSession({ link: symmetric(20, { loss: 0.02 }) }, async ({ lab, terminal }) => {
      const pasted = Array.from(
        { length: 4000 },
        (_, index) => `pasted line ${index} ${'-'.repeat(index % 75)}\n`,
      ).join('');
      terminal.type("stty -echo; echo rea''dy; sleep 1; cat > pasted; echo ov''er\r");
      await terminal.waitFor('ready');
      terminal.type(pasted);
      terminal.type('\x04');
      await terminal.waitFor('over', 30_000);
      expect(readFileSync(join(lab.serverHome, 'pasted'), 'utf8')).toBe(pasted);
    });
  });

  test('the last output before the exit is not lost', async () => {
    await withSession({ link: LINK }, async ({ lab, terminal }) => {
      writeFileSync(join(lab.serverHome, '.bash_logout'), '');
      terminal.type("exec sh -c 'seq 1 5000; echo the very last'\r");
      await terminal.exited;
      expect(terminal.tail()).toContain('the very last');
    });
  });

  ours('the terminal is as it was when the session ends', async () => {
    await withLab({ link: LINK }, async (lab) => {
      const terminal = await startWrapped(lab);
      // Whatever a program switched on and left on.
      terminal.type(
        "printf '\\e[?1000h\\e[?1006h\\e[?2004h\\e[?1h\\e[?25l\\e[?1004h\\e=\\e[5;10r\\e[31m'; echo s''et\r",
      );
      await terminal.waitFor('set');
      terminal.type('exit\r');
      expect(await terminal.exited).toBe(0);
      expectRestored(terminal);
    });
  });

  ours('the terminal is as it was when the client is told to go', async () => {
    await withLab({ link: LINK }, async (lab) => {
      const terminal = await startWrapped(lab);
      terminal.type("printf '\\e[?1000h\\e[?1006h\\e[?25l'; echo s''et\r");
      await terminal.waitFor('set');
      for (const { pid, commandLine } of runningProcesses(lab.client)) {
        if (SUBJECT.isClient(commandLine) && !commandLine.startsWith('sh ')) process.kill(pid, 'SIGTERM');
      }
      await terminal.exited;
      expectRestored(terminal);
    });
  });

  ours('~. leaves at once, even without a network', async () => {
    await withLab({ link: LINK }, async (lab) => {
      const terminal = await startWrapped(lab);
      await lab.link.setOutage(true);
      terminal.type('\r~.');
      await terminal.exited;
      expectRestored(terminal);
    });
  });

  ours('without a host it is a shell on this machine', async () => {
    await withLab({}, async (lab) => {
      const terminal = lab.start([process.execPath, builtProgram('rove')], {
        env: { HOME: lab.serverHome, ROVE_STATE_DIR: lab.stateDirectory, SHELL: '/bin/bash' },
      });
      await terminal.waitFor(PROMPT.trimEnd());
      terminal.type('echo $((6 * 7)); exit 3\r');
      expect(await terminal.exited).toBe(3);
    });
  });

  ours("the system's ssh does the login with --ssh", async () => {
    await withLab({ link: LINK }, async (lab) => {
      const [node = '', rove = ''] = SUBJECT.commandLine(lab);
      const server = `--server=${process.execPath} ${builtProgram('rove-server')}`;
      const terminal = lab.start([node, rove, `--ssh=ssh -F ${lab.sshConfig}`, server, HOST]);
      await terminal.waitFor(PROMPT.trimEnd(), 20_000);
      terminal.type('exit 5\r');
      expect(await terminal.exited).toBe(5);
    });
  });

  ours('UDP that does not get through is said, with the port, and the session begins when it does', async () => {
    await withLab({ link: LINK }, async (lab) => {
      await lab.link.setFirewall(true);
      const terminal = lab.start(SUBJECT.commandLine(lab));
      await terminal.waitFor(/no answer from UDP port \d+ of/, 20_000);
      await lab.link.setFirewall(false);
      await terminal.waitFor(() => isAtPrompt(terminal), 20_000);
      terminal.type('echo through\r');
      await terminal.waitFor(/^through$/m);
    });
  });

  ours('a daemon that died is said, not waited for in silence', async () => {
    await withSession({ link: LINK }, async ({ lab, terminal }) => {
      for (const { pid, commandLine } of runningProcesses(lab.server)) {
        if (SUBJECT.isServer(commandLine)) process.kill(pid, 'SIGKILL');
      }
      terminal.type('x');
      await terminal.waitFor(/^rove: /m, 15_000);
      terminal.type('\r~.');
      await terminal.exited;
    });
  });

  ours('two sessions share the daemon, and one ends without the other', async () => {
    await withSession({ link: LINK }, async ({ lab, terminal }) => {
      const second = await openSession(lab);
      const daemons = runningProcesses(lab.server).filter(({ commandLine }) => SUBJECT.isServer(commandLine));
      expect(daemons).toHaveLength(1);
      second.type('exit 1\r');
      expect(await second.exited).toBe(1);
      terminal.type('echo still here\r');
      await terminal.waitFor(/^still here$/m);
    });
  });
});

/** A session inside a shell that notes what the terminal's settings were before and after it. */
async function startWrapped(lab: Lab): Promise<ScreenTerminal> {
  const script =
    'stty -a > "$HOME/before"; "$@"; status=$?; stty -a > "$HOME/after"; cmp "$HOME/before" "$HOME/after" && echo same settings; exit $status';
  const terminal = lab.start(['sh', '-c', script, 'sh', ...SUBJECT.commandLine(lab)]);
  await terminal.waitFor(() => isAtPrompt(terminal), 20_000);
  return terminal;
}

function expectRestored(terminal: ScreenTerminal): void {
  expect(terminal.tail()).toContain('same settings');
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.modes).toMatchObject({
    mouseTrackingMode: 'none',
    bracketedPasteMode: false,
    applicationCursorKeysMode: false,
    applicationKeypadMode: false,
    sendFocusMode: false,
    originMode: false,
    wraparoundMode: true,
  });
  // Shown after it was last hidden, or never hidden.
  expect(terminal.tail().lastIndexOf('\x1b[?25h')).toBeGreaterThanOrEqual(terminal.tail().lastIndexOf('\x1b[?25l'));
}

function isAtPrompt(terminal: ScreenTerminal): boolean {
  return terminal.rows()[terminal.cursor.y]?.startsWith(PROMPT.trimEnd()) === true;
}

/** Types the keys until the screen shows the text. */
async function eventually(terminal: ScreenTerminal, keys: string, text: string): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    terminal.type(keys);
    if (
      await terminal.waitFor(text, 500).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  throw new Error(`never seen: ${text}\n${terminal.screenText()}`);
}
