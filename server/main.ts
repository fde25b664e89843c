/** The server program: arguments in, exit status out. Each command loads only what it needs, because a start is waited for. */

import { errorMessage } from './failure.ts';

const HELP = `rove-server: the far end of rove, a roaming shell

  rove-server connect     start a session: run by rove over ssh, which asks on standard input
  rove-server list        show your sessions on this host
  rove-server kill ID     end one; the first characters of its id will do
  rove-server --version
  rove-server --help

One daemon per user holds all sessions, on one UDP port (the first free one of 60001 to 60999, or that of
rove's --udp-port). It starts with the first session and leaves with the last. Its control socket and its
log are in ~/.local/state/rove/HOST, or in $ROVE_STATE_DIR.
`;

/** Exit status of wrong use, as shells and most tools have it. */
const USAGE_STATUS = 2;

async function main(args: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = args;
  const expected = command === 'kill' ? 1 : 0;
  if (rest.length !== expected) {
    if (command === 'kill') return usage('kill needs the id of one session: "rove-server list" shows them');
    if (command !== undefined) return usage(`${command} takes no arguments`);
  }
  switch (command) {
    case 'connect':
      return (await import('./connect.ts')).connect();
    case 'list':
      process.stdout.write(await (await import('./commands.ts')).listSessions());
      return 0;
    case 'kill':
      process.stdout.write(await (await import('./commands.ts')).killSession(rest[0] ?? ''));
      return 0;
    case '--version':
    case '-V':
      process.stdout.write(`rove-server ${(await import('./version.ts')).programVersion()}\n`);
      return 0;
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(HELP);
      return 0;
    default:
      return usage(command === undefined ? 'a command is missing' : `there is no command "${command}"`);
  }
}

function usage(problem: string): number {
  process.stderr.write(`rove-server: ${problem}. Try "rove-server --help"\n`);
  return USAGE_STATUS;
}

try {
  const status = await main(process.argv.slice(2));
  // Without a status this process is the daemon now. With one it must not linger, whatever is still open.
  if (status !== undefined) process.exit(status);
} catch (error) {
  process.stderr.write(`rove-server: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
