import { describe, expect, test } from 'vitest';
import { recordedStreams } from '../../bench/streams.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { differences, Oracle } from './oracle.ts';

/** The screens are compared after each so many bytes: an odd number, so that sequences are cut. */
const CHUNK = 4_093;

describe('recorded programs', () => {
  for (const stream of recordedStreams()) {
    test(`${stream.name} at ${stream.cols}x${stream.rows} gives the same screens as xterm.js`, () => {
      const oracle = new Oracle(stream.cols, stream.rows);
      const emulator = new Emulator(stream);
      for (let at = 0; at < stream.bytes.length; at += CHUNK) {
        const chunk = stream.bytes.subarray(at, at + CHUNK);
        oracle.write(chunk);
        emulator.write(chunk);
        emulator.release();
        expect(differences(oracle, emulator.snapshot()), `after byte ${at + chunk.length}`).toEqual([]);
      }
    });
  }
});
