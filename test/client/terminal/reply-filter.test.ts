import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { questionsFor } from '../../../client/terminal/questions.ts';
import { questionOf, readReply } from '../../../client/terminal/reply.ts';
import { ReplyFilter } from '../../../client/terminal/reply-filter.ts';
import { answersTo, TERMINALS } from './terminals.ts';

const questions = questionsFor({ term: 'xterm-256color', program: '', cols: 80 });
const REPLIES = Object.values(TERMINALS).flatMap((known) => answersTo(questions.bytes, known));

/** Whatever a user may send: letters, keys as sequences, the mouse, what the terminal tells a program, a paste. */
const KEYS = [
  ...'a~.\r\x1a\x03\x7f',
  'é',
  '\x1bb', // Alt-B
  '\x1b[A',
  '\x1bOP',
  '\x1b[1;5C',
  '\x1b[3~',
  '\x1b[<35;10;4M',
  '\x1b[I',
  '\x1b[?997;1n',
  '\x1b[97;5u',
  '\x1b[200~rm -rf\x1b[201~',
  '\x1b[0n',
];

function filterOf(replies: readonly string[]): ReplyFilter {
  const filter = new ReplyFilter();
  for (const text of replies) {
    const reply = readReply(text);
    if (reply === undefined) throw new Error(`no reply: ${JSON.stringify(text)}`);
    filter.expect(questionOf(reply));
  }
  return filter;
}

interface Sorted {
  keys: string;
  replies: number;
}

function sort(filter: ReplyFilter, text: string, lengths: readonly number[] = [text.length]): Sorted {
  const bytes = Buffer.from(text, 'utf8');
  const sorted = { keys: '', replies: 0 };
  let keys = Buffer.alloc(0);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = Math.max(1, lengths[i % lengths.length] ?? 1);
    const filtered = filter.push(bytes.subarray(at, at + length));
    keys = Buffer.concat([keys, filtered.keys]);
    sorted.replies += filtered.replies.length;
    at += length;
  }
  sorted.keys = Buffer.concat([keys, filter.release()]).toString('utf8');
  return sorted;
}

describe('ReplyFilter', () => {
  test('takes every expected answer, and passes every key, in any order and any pieces', () => {
    const part = fc.oneof(
      fc.record({ reply: fc.constant(true), text: fc.constantFrom(...REPLIES) }),
      fc.record({ reply: fc.constant(false), text: fc.constantFrom(...KEYS) }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 9 }),
        (parts, lengths) => {
          const replies = parts.filter(({ reply }) => reply).map(({ text }) => text);
          const keys = parts.filter(({ reply }) => !reply).map(({ text }) => text);
          const sorted = sort(filterOf(replies), parts.map(({ text }) => text).join(''), lengths);
          expect(sorted).toEqual({ keys: keys.join(''), replies: replies.length });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('passes everything while nothing is expected, answers too', () => {
    const text = [...REPLIES, ...KEYS].join('');
    const filter = new ReplyFilter();
    expect(sort(filter, text, [7])).toEqual({ keys: text, replies: 0 });
    expect(Buffer.from(filter.push(Buffer.from('\x1b')).keys).toString()).toBe('\x1b');
  });

  test('takes an answer as often as it was asked for', () => {
    const filter = filterOf(['\x1b[7;1R', '\x1b[7;1R']);
    expect(sort(filter, '\x1b[7;1Ra\x1b[7;3R\x1b[1;2R')).toEqual({ keys: 'a\x1b[1;2R', replies: 2 });
  });

  test('loses no key of any bytes whatever', () => {
    const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
    const text = fc
      .constantFrom('\x1b', '\x1b[', '\x1b]', '\x1bP', '\x1b\\', '\x07', '52;c;')
      .map((one) => Buffer.from(one));
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, text), { maxLength: 30 }), (pieces) => {
        const filter = new ReplyFilter();
        filter.expect('mode 9999');
        const keys = pieces.map((piece) => filter.push(piece).keys);
        expect(Buffer.concat([...keys, filter.release()])).toEqual(Buffer.concat(pieces));
      }),
    );
  });

  test('holds back what may be an answer, and gives it up when it is asked to', () => {
    const filter = filterOf(['\x1b[?1;2c']);
    expect(filter.push(Buffer.from('a\x1b')).keys).toEqual(Uint8Array.of(0x61));
    expect(filter.held).toBe(1);
    expect(filter.release()).toEqual(Uint8Array.of(0x1b));
    expect(filter.held).toBe(0);
  });

  test('takes Alt with a bracket for no beginning that never ends', () => {
    const filter = filterOf(['\x1b[?1;2c', '\x1b]11;rgb:0/0/0\x07']);
    expect(sort(filter, '\x1b]echo hi\r\x1b[?1;2c\x1b[b\x1b]11;rgb:0/0/0\x1b\\')).toEqual({
      keys: '\x1b]echo hi\r\x1b[b',
      replies: 2,
    });
  });

  test('takes a clipboard of 64 kB, drops a greater one whole, and keeps little of it', () => {
    const filter = new ReplyFilter();
    const clipboard = (bytes: number): string => `\x1b]52;c;${Buffer.alloc(bytes, 'x').toString('base64')}\x1b\\`;
    filter.expect('clipboard');
    const [reply] = filter.push(Buffer.from(clipboard(65_536))).replies;
    expect(reply?.kind === 'clipboard' && reply.bytes).toEqual(new Uint8Array(65_536).fill(0x78));
    for (const size of [65_537, 300_000]) {
      filter.expect('clipboard');
      const filtered = filter.push(Buffer.from(`a${clipboard(size)}b`));
      expect(Buffer.from(filtered.keys).toString()).toBe('ab');
      expect(filtered.replies).toEqual([{ kind: 'clipboard', bytes: undefined }]);
    }
  });
});
