/**
 * A recorded session: what was typed when, and what the program printed and set on its terminal when. One JSON value a line, gzipped,
 * under test/fixtures/sessions; README.md there says how they were made.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/** From here, and from the bundle in dist/. */
const FOLDERS = ['../fixtures/sessions/', '../test/fixtures/sessions/'];
const SUFFIX = '.jsonl.gz';

export interface RecordingHead {
  readonly program: string;
  readonly cols: number;
  readonly rows: number;
  /** Not looked at while the engine was tuned. */
  readonly heldOut: boolean;
}

/** `at` in ms since the start; bytes as Latin-1. */
export type RecordedEvent =
  /** `waits`: the user then looks for what comes of it before typing on. `letter`: it is to be echoed. */
  | { readonly at: number; readonly keys: string; readonly waits?: true; readonly letter?: true }
  | { readonly at: number; readonly output: string }
  | { readonly at: number; readonly tty: readonly [echo: boolean, canonical: boolean, program: number] };

export interface Recording {
  readonly name: string;
  readonly head: RecordingHead;
  readonly events: readonly RecordedEvent[];
}

/** All recordings, by name. */
export function readRecordings(): readonly Recording[] {
  const folder = FOLDERS.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (folder === undefined) throw new Error('there is no corpus: test/fixtures/sessions is missing');
  return readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => {
      const [head, ...events] = gunzipSync(readFileSync(new URL(file, folder)))
        .toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      return { name: file.slice(0, -SUFFIX.length), head, events };
    });
}

/** A recording as the bytes of its file. */
export function encodeRecording({ head, events }: Recording): Uint8Array {
  return gzipSync(`${[head, ...events].map((line) => JSON.stringify(line)).join('\n')}\n`, { level: 9 });
}
