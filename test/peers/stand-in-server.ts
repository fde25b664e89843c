/** A `rove-server` for tests of the bootstrap alone: a shell script that keeps the request, makes noise and gives a canned answer. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeAnswer, type SessionAnswer } from '../../protocol/bootstrap/answer.ts';

/** What it answers. */
export const CANNED_ANSWER: SessionAnswer = {
  kind: 'session',
  program: '0.1.0',
  connectionId: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  answer: new Uint8Array(1120).fill(0x5a),
  port: 60001,
  addresses: ['192.0.2.7', '2001:db8::7'],
};

/** Writes the script `rove-server` into `directory`; the returned function gives the request that it last got. */
export function makeStandInServer(directory: string): () => string | undefined {
  const answer = join(directory, 'answer');
  const request = join(directory, 'request');
  writeFileSync(answer, encodeAnswer(CANNED_ANSWER));
  writeFileSync(
    join(directory, 'rove-server'),
    [
      '#!/bin/sh',
      '[ "$1" = connect ] || exit 2',
      'IFS= read -r line',
      `printf '%s\\n' "$line" > '${request}'`,
      "printf 'Welcome!\\n\\033[1mnoise that ends without a line feed'",
      `cat '${answer}'`,
      // Goes on like a daemon whose ssh connection is not its business.
      'exec sleep 1',
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
  return () => (existsSync(request) ? readFileSync(request, 'utf8') : undefined);
}
