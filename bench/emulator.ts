/**
 * The emulator's throughput on recorded programs, beside xterm.js in the same run: ours and its private synchronous parser by
 * the processor's time, so that a busy machine does not matter, and its public `write()`, which waits between chunks, by the
 * clock.
 */

import xterm from '@xterm/headless';
import { Emulator } from '../protocol/terminal/emulator.ts';
import { recordedStreams, type Stream } from './streams.ts';

/** Each stream is repeated to about this many bytes. */
const TARGET_BYTES = 4_000_000;
/** What a read of a busy pty brings at most. */
const CHUNK_BYTES = 65_536;
const RUNS = 5;
/** Chunks under way in xterm.js's `write()`. */
const IN_FLIGHT = 8;
const SNAPSHOTS = 20_000;

interface Inside {
  readonly _core: { readonly _inputHandler: { parse(bytes: Uint8Array): void } };
}

/** A table: a line a stream, then the cost of a snapshot. */
export async function benchEmulator(): Promise<readonly string[]> {
  const lines = [
    `${'stream'.padEnd(16)}${'ours'.padStart(8)}${'xterm sync'.padStart(12)}${'xterm write'.padStart(13)}${'ratio'.padStart(8)}   MB/s`,
  ];
  for (const stream of recordedStreams()) {
    const chunks = chunksOf(stream);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const ours: number[] = [];
    const sync: number[] = [];
    const write: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(bytes / 1_000 / timeOurs(stream, chunks));
      sync.push(bytes / 1_000 / timeSync(stream, chunks));
      write.push(bytes / 1_000 / (await timeWrite(stream, chunks)));
    }
    const ratio = median(ours) / median(sync);
    lines.push(
      `${`${stream.name} ${stream.cols}x${stream.rows}`.padEnd(16)}${median(ours).toFixed(0).padStart(8)}` +
        `${median(sync).toFixed(0).padStart(12)}${median(write).toFixed(0).padStart(13)}${ratio.toFixed(1).padStart(8)}`,
    );
  }
  for (const [cols, rows] of [
    [80, 24],
    [200, 60],
  ] as const) {
    lines.push(snapshotLine(cols, rows));
  }
  return lines;
}

function chunksOf({ bytes }: Stream): readonly Uint8Array[] {
  const times = Math.ceil(TARGET_BYTES / bytes.length);
  const all = new Uint8Array(times * bytes.length);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += CHUNK_BYTES) chunks.push(all.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

function timeOurs(size: Stream, chunks: readonly Uint8Array[]): number {
  const emulator = new Emulator(size);
  const start = cpuMs();
  for (const chunk of chunks) {
    emulator.write(chunk);
    emulator.takeReplies();
  }
  return cpuMs() - start;
}

function timeSync(size: Stream, chunks: readonly Uint8Array[]): number {
  const terminal = new xterm.Terminal({ cols: size.cols, rows: size.rows, scrollback: 0, allowProposedApi: true });
  const inside = terminal as unknown as Inside;
  const start = cpuMs();
  for (const chunk of chunks) inside._core._inputHandler.parse(chunk);
  const time = cpuMs() - start;
  terminal.dispose();
  return time;
}

async function timeWrite(size: Stream, chunks: readonly Uint8Array[]): Promise<number> {
  const terminal = new xterm.Terminal({ cols: size.cols, rows: size.rows, scrollback: 0, allowProposedApi: true });
  const start = performance.now();
  const queue: Promise<void>[] = [];
  for (const chunk of chunks) {
    queue.push(new Promise((resolve) => terminal.write(chunk, resolve)));
    if (queue.length >= IN_FLIGHT) await queue.shift();
  }
  await Promise.all(queue);
  const time = performance.now() - start;
  terminal.dispose();
  return time;
}

function cpuMs(): number {
  return process.cpuUsage().user / 1_000;
}

function snapshotLine(cols: number, rows: number): string {
  const emulator = new Emulator({ cols, rows });
  const letter = new TextEncoder().encode('a\x1b[H');
  const changed = micros(() => {
    emulator.write(letter);
    emulator.snapshot();
  });
  const same = micros(() => emulator.snapshot());
  return `snapshot ${cols}x${rows}: ${changed.toFixed(2)} µs with one letter written before it, ${same.toFixed(2)} µs when nothing changed`;
}

function micros(work: () => unknown): number {
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    for (let i = 0; i < SNAPSHOTS; i++) work();
    runs.push(((performance.now() - start) * 1_000) / SNAPSHOTS);
  }
  return median(runs);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
