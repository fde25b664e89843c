import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { decodeLine, encodeLine } from '../../protocol/history/line-codec.ts';
import { ReceivedHistory } from '../../protocol/history/received-history.ts';
import { CELL_WORDS } from '../../protocol/screen/cell.ts';
import { blankRow, type Row } from '../../protocol/screen/row.ts';
import { seededRandom } from '../crypto/random.ts';

/** A row that holds its own number. */
function numbered(number: number): Row {
  const row = blankRow(8);
  for (const [col, digit] of [...String(number)].entries()) row.cells[col * CELL_WORDS] = digit.charCodeAt(0);
  row.frozen = true;
  return row;
}

function numberOf(row: Row | undefined): number | undefined {
  if (row === undefined) return undefined;
  let text = '';
  for (let col = 0; col < row.cols; col++) text += String.fromCharCode(row.cells[col * CELL_WORDS] ?? 0);
  return Number(text.replaceAll('\0', ''));
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 2, arbitrary: fc.record({ skip: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 3, arbitrary: fc.record({ fill: fc.nat(1_500), lines: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ compact: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

describe('HistoryLog', () => {
  it('has what a plain list of lines has, whatever is done to it', () => {
    const limit = fc.constantFrom(0, 1, 100, 300, 1_000);
    fc.assert(
      fc.property(limit, fc.boolean(), fc.array(step, { maxLength: 20 }), (most, lazy, steps) => {
        const log = new HistoryLog(most, { lazy });
        const model = new Map<number, number>();
        let [end, cleared] = [0, 0];
        for (const one of steps) {
          if ('push' in one) {
            for (let i = 0; i < one.push; i++) {
              log.push(numbered(end));
              model.set(end, end++);
            }
          } else if ('skip' in one) {
            end += one.skip;
            log.skipTo(end);
          } else if ('fill' in one) {
            const lines = Array.from({ length: Math.min(one.lines, end - one.fill) }, (_, i) => one.fill + i);
            if (lines.length === 0 || one.fill >= end) continue;
            log.fill(
              one.fill,
              lines.map((number) => encodeLine(numbered(number))),
            );
            for (const number of lines) model.set(number, number);
          } else if ('compact' in one) {
            log.compact(one.compact);
          } else {
            log.clear();
            cleared = end;
            model.clear();
          }
          for (const number of model.keys()) if (number < Math.max(cleared, end - most)) model.delete(number);
        }
        expect(log.end).toBe(end);
        expect(log.first).toBe(Math.max(cleared, end - most, 0));
        const kept = [...model.keys()].sort((a, b) => a - b);
        for (let number = Math.max(0, log.first - 50); number < end + 5; number++)
          expect(numberOf(log.line(number)), `line ${number}`).toBe(model.get(number));
        for (let number = 0; number < end + 5; number += 7) {
          expect(log.nextLine(number)).toBe(kept.find((line) => line >= number) ?? end);
          expect(log.lineBefore(number)).toBe(kept.findLast((line) => line < number) ?? -1);
        }
        let [from, to] = [end, end];
        while (to > log.first && model.has(to - 1)) to--;
        for (from = to; from > log.first && !model.has(from - 1); ) from--;
        expect(log.newestGap).toEqual(from < to ? { from, to } : undefined);
      }),
    );
  });

  it('takes ten thousand lines of a program’s output in three megabytes', () => {
    const log = new HistoryLog(10_000);
    const random = seededRandom(7);
    for (let i = 0; i < 11_000; i++) {
      const row = blankRow(120);
      for (const [col, byte] of random(100).entries()) {
        row.cells[col * CELL_WORDS] = 0x21 + (byte % 90);
        row.cells[col * CELL_WORDS + 1] = col % 10 < 5 ? 0x100_0002 : 0;
      }
      row.frozen = true;
      log.push(row);
    }
    expect(log.end - log.first).toBe(10_000);
    expect(log.size(0, log.end)).toBeLessThan(3_000_000);
  });

  it('gives up the oldest lines when all take too much', () => {
    const log = new HistoryLog(1_000);
    for (let i = 0; i < 500; i++) {
      const row = blankRow(1_000);
      for (let col = 0; col < 1_000; col++) {
        row.cells[col * CELL_WORDS] = 0x2500 + ((i + col) % 128);
        row.cells[col * CELL_WORDS + 1] = 0x200_0000 | (i * 7 + col);
      }
      row.frozen = true;
      log.push(row);
    }
    expect(log.size(0, log.end - 300)).toBeLessThan(500_000);
    expect(log.line(log.end - 1)).toBeDefined();
    expect(log.nextLine(0)).toBe(log.first);
  });
});

describe('a line as bytes', () => {
  it('is a line or a DecodeError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const row = decodeLine(bytes);
          expect(row.frozen).toBe(true);
          expect(decodeLine(encodeLine(row)).cells).toEqual(row.cells);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});

describe('ReceivedHistory', () => {
  it('takes any bytes of a stream, or throws a DecodeError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (pieces) => {
        const history = new ReceivedHistory(100);
        history.onState({ end: 1_000, first: 990, rows: [numbered(990)] });
        try {
          for (const piece of pieces) history.onStream(piece);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        expect(history.settled).toBeLessThanOrEqual(history.end);
      }),
    );
  });

  it('keeps little of numbers that jump, and of lines that wait for others for ever', () => {
    const history = new ReceivedHistory(10_000);
    for (let end = 1; end < 2 ** 52; end *= 2) {
      history.onState({ end, first: end - 1, rows: [numbered(1)] });
      for (let i = 0; i < 100; i++) history.onState({ end: end + i + 1, first: end + i, rows: [numbered(2)] });
    }
    expect(history.end).toBeGreaterThan(2 ** 50);
    expect(history.settled).toBeLessThan(1_000);
    expect(history.nextLine(2 ** 40)).toBe(history.settled);
  });

  it('refuses lines that have not scrolled off', () => {
    const history = new ReceivedHistory(100);
    history.onState({ end: 10, first: 10, rows: [] });
    expect(() => history.onStream(new Uint8Array([11, 0, 1, 0]))).toThrow(DecodeError);
  });
});
