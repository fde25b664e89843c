/**
 * What real programs wrote, all the way: the emulator's screens, their differences, the patches, and the drawing on a second
 * terminal, which has to show what the first one does after every piece of the stream.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { render } from '../../protocol/render/ansi.ts';
import { diffScreens } from '../../protocol/screen/diff.ts';
import { patchScreen } from '../../protocol/screen/patch.ts';
import { equalScreens, type Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { screenFault } from '../screen/arbitrary-screen.ts';
import { pictureOf } from './terminal.ts';

const STREAMS = new URL('../fixtures/streams/', import.meta.url);
/** Screens looked at in each stream; the pieces between them differ in length, from a byte to many screens. */
const FRAMES = 60;

describe('the recorded stream', () => {
  const names = readdirSync(STREAMS).filter((name) => name.endsWith('.bin.gz'));

  test.each(names)('%s arrives on the terminal at the other end as it is', (name) => {
    const bytes = gunzipSync(readFileSync(new URL(name, STREAMS)));
    const [cols, rows] = /(\d+)x(\d+)/.exec(name)?.slice(1).map(Number) ?? [];
    if (cols === undefined || rows === undefined) throw new Error(`${name} does not say its size`);
    const there = new Emulator({ cols, rows });
    const here = new Emulator({ cols, rows });
    let shown: Screen = there.snapshot();
    here.write(render(undefined, shown));
    for (const piece of pieces(bytes)) {
      there.write(piece);
      const next = there.snapshot();
      expect(screenFault(next)).toBeUndefined();
      const patched = patchScreen(shown, diffScreens(shown, next));
      expect(equalScreens(patched, next)).toBe(true);
      here.write(render(shown, patched));
      expect(pictureOf(here.snapshot())).toEqual(pictureOf(patched));
      shown = patched;
    }
    expect(here.takeReplies()).toHaveLength(0);
  });
});

/** Cuts a stream into pieces, three short ones for each long one, that are all of it. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  const long = Math.ceil((bytes.length * 4) / FRAMES);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = i % 4 === 3 ? long : 1 + ((i * 37) % 60);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
