/**
 * Recorded output of real programs, under test/fixtures/streams. Each was taken from a pty of the size in its name, with
 * TERM=xterm-256color, in a folder of generated files.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The same from here and from the bundle in dist/. */
const FOLDER = new URL('../test/fixtures/streams/', import.meta.url);

export interface Stream {
  /** The program. */
  readonly name: string;
  readonly cols: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** All streams, by name. */
export function recordedStreams(): readonly Stream[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.bin.gz'))
    .sort()
    .map((file) => {
      const [, name = '', cols, rows] = /^(.*)-(\d+)x(\d+)\.bin\.gz$/.exec(file) ?? [];
      return { name, cols: Number(cols), rows: Number(rows), bytes: gunzipSync(readFileSync(new URL(file, FOLDER))) };
    });
}
