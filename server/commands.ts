/** `rove-server list` and `rove-server kill`: what a person asks the running daemon. */

import { askDaemon, type Message } from './control.ts';
import { Failure } from './failure.ts';
import type { SessionInfo } from './session.ts';
import { enterStateDirectory, stateDirectory } from './state-directory.ts';

/** Digits of an id that are shown, and are enough to name a session. */
const SHORT_ID = 8;
const TITLE_LENGTH_MAX = 40;

/** The table of all sessions, or a sentence that there are none. */
export async function listSessions(): Promise<string> {
  enterStateDirectory(stateDirectory(process.env));
  const asked = await askDaemon({ op: 'list' });
  const sessions = asked.kind === 'reply' ? (asked.reply.sessions as SessionInfo[]) : [];
  if (sessions.length === 0) return 'No sessions\n';
  const header = ['ID', 'AGE', 'PID', 'CLIENT', 'SILENT', 'SIZE', 'STATE', 'TITLE'];
  return table([header, ...sessions.map((session) => lineOf(session, Date.now()))]);
}

/** Ends the session whose id begins with `id`; returns a sentence. */
export async function killSession(id: string): Promise<string> {
  enterStateDirectory(stateDirectory(process.env));
  const asked = await askDaemon({ op: 'kill', id } satisfies Message);
  if (asked.kind === 'none') throw new Failure('no-session', `No session is called ${id}: there are none`);
  return `Ended session ${String(asked.reply.id).slice(0, SHORT_ID)}\n`;
}

function lineOf(session: SessionInfo, now: number): string[] {
  return [
    session.id.slice(0, SHORT_ID),
    spanOf(now - session.startedAt),
    String(session.pid),
    addressOf(session.client),
    spanOf(session.silentMs),
    `${session.cols}x${session.rows}`,
    session.state,
    session.title.slice(0, TITLE_LENGTH_MAX),
  ];
}

/** `192.0.2.7:4711`, `[2001:db8::7]:4711`. */
function addressOf(path: string | undefined): string {
  const [family, address, port] = path?.split('|') ?? [];
  if (address === undefined) return '-';
  return family === '6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `12s`, `5m`, `3h`, `9d`. */
function spanOf(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1_000), 0);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Columns as wide as their widest cell. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const padded = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${padded.join('\n')}\n`;
}
