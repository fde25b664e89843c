import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANSWER_LINE_MAX,
  type Answer,
  AnswerFinder,
  encodeAnswer,
  type SessionAnswer,
} from '../../protocol/bootstrap/answer.ts';
import { ANSWER_LENGTH } from '../../protocol/crypto/agreement.ts';

const SESSION: SessionAnswer = {
  kind: 'session',
  program: '0.1.0',
  connectionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  answer: new Uint8Array(ANSWER_LENGTH).fill(9),
  port: 60_001,
  addresses: ['192.0.2.1', '2001:db8::1'],
};

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant('session' as const),
    program: fc.stringMatching(/^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/),
    connectionId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    answer: fc.uint8Array({ minLength: ANSWER_LENGTH, maxLength: ANSWER_LENGTH }),
    port: fc.integer({ min: 1, max: 65_535 }),
    addresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 8 }),
  }),
  fc.constant({ ...SESSION, control: '/home/ö user/.local/state/rove/host/socket-1.1-0a1b' }),
  fc.record({
    kind: fc.constant('failed' as const),
    code: fc.stringMatching(/^[a-z][a-z-]{0,31}$/),
    message: fc.stringMatching(/^[!-~][ -~]{0,98}[!-~]$/),
  }),
);

/** What may surround an answer: bytes of any kind, and pieces that look like its beginning. */
const noise = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          'ROVE-ANSWER',
          'ROVE-ANSWER ',
          'ROVE-ANSWER 1 ',
          'ROVE-ANSWER 1 7b',
          'ROVE-ANSWER 1 7b ',
          'ROVE-',
          'R',
          '\r\n',
          'ROVE-ANSWE',
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts))
  // By chance it may be an answer itself, and the first one counts.
  .filter((bytes) => !/ROVE-ANSWER \d{1,5} [0-9a-f]+ \./.test(bytes.toString('latin1')));

describe('an answer', () => {
  it('is found whole among any noise, in any pieces', () => {
    fc.assert(
      fc.property(
        answer,
        noise,
        noise,
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }),
        (sent, before, after, sizes) => {
          const output = Buffer.concat([before, Buffer.from(encodeAnswer(sent).trim()), after]);
          expect(find(output, sizes)).toEqual(sent);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is found byte by byte', () => {
    expect(find(Buffer.from(`motd${encodeAnswer(SESSION)}`), [1])).toEqual(SESSION);
  });

  it('is found right after text that its mark could continue', () => {
    for (const before of [
      'R',
      'ROVE-ANSWE',
      'ROVE-ANSWEROVE-ANSWE',
      'ROVE-ANSWER ',
      'ROVE-ANSWER 1',
      'ROVE-ANSWER 1 abc',
      'ROVE-ANSWER 1 abc ',
    ]) {
      expect(find(Buffer.from(before + encodeAnswer(SESSION).trim()), [7])).toEqual(SESSION);
    }
    expect(find(Buffer.from(`ROVE-ANSWE${encodeAnswer(SESSION).trim()}`), [1])).toEqual(SESSION);
  });

  it('is not there before its dot', () => {
    const text = encodeAnswer(SESSION);
    const finder = new AnswerFinder();
    expect(finder.push(Buffer.from(text.slice(0, text.indexOf('.', 20))))).toBeUndefined();
    expect(finder.push(Buffer.from('.'))).toEqual(SESSION);
  });

  it('stays the answer whatever comes after it', () => {
    const finder = new AnswerFinder();
    const other = encodeAnswer({ kind: 'failed', code: 'other', message: 'other' });
    const found = finder.push(Buffer.from(encodeAnswer(SESSION) + other));
    expect(found).toEqual(SESSION);
    expect(finder.push(Buffer.from(other))).toBe(found);
  });

  it('is one line of printable ASCII between line feeds', () => {
    fc.assert(
      fc.property(answer, (sent) => {
        expect(encodeAnswer(sent)).toMatch(/^\nROVE-ANSWER 1 [0-9a-f]+ \.\n$/);
      }),
      { numRuns: 30 },
    );
  });

  it('is frozen', () => {
    const text = encodeAnswer({ ...SESSION, addresses: ['::1'] }).trim();
    const json: unknown = JSON.parse(Buffer.from(text.slice('ROVE-ANSWER 1 '.length, -2), 'hex').toString());
    expect(json).toEqual({
      kind: 'session',
      program: '0.1.0',
      connectionId: '0102030405060708',
      answer: '09'.repeat(ANSWER_LENGTH),
      port: 60_001,
      addresses: ['::1'],
    });
  });

  it('that is as long as answers get is still found', () => {
    const longest = {
      ...SESSION,
      addresses: Array.from({ length: 8 }, () => 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'),
    };
    expect(encodeAnswer(longest).length).toBeLessThan(ANSWER_LINE_MAX);
    expect(find(Buffer.from(encodeAnswer(longest)), [4096])).toEqual(longest);
    const failed: Answer = { kind: 'failed', code: 'x', message: '😀'.repeat(500) };
    expect(encodeAnswer(failed).length).toBeLessThan(ANSWER_LINE_MAX);
    expect(find(Buffer.from(encodeAnswer(failed)), [4096])).toEqual(failed);
  });
});

describe('what is no answer', () => {
  it('is passed over, ten megabytes of it and a mark that never ends', () => {
    const finder = new AnswerFinder();
    const text = Buffer.from('Welcome! ROVE-ANSWER soon. '.repeat(1000));
    for (let times = 0; times < 40; times++) expect(finder.push(text)).toBeUndefined();
    finder.push(Buffer.from('ROVE-ANSWER 1 '));
    const hex = Buffer.from('0'.repeat(100_000));
    for (let times = 0; times < 10; times++) expect(finder.push(hex)).toBeUndefined();
    expect(finder.push(Buffer.from(' .'))).toBeUndefined();
    expect(finder.push(Buffer.from(encodeAnswer(SESSION)))).toEqual(SESSION);
  });

  it.each([
    'ROVE-ANSWER 1  .',
    'ROVE-ANSWER 1 7B7D .',
    'ROVE-ANSWER  1 7b7d .',
    'rove-answer 1 7b7d .',
    'ROVE-ANSWER 01 7b7d .',
    'ROVE-ANSWER 123456 7b7d .',
    'ROVE-ANSWER 1 7b7d.',
    'ROVE-ANSWER 1 7b7d  .',
    'ROVE-ANSWER 0 7b7d .',
  ])('is passed over: %j', (text) => {
    expect(find(Buffer.from(text), [100])).toBeUndefined();
  });

  it('never throws, for any bytes', () => {
    const body = fc.json().map((json) => Buffer.from(`ROVE-ANSWER 1 ${Buffer.from(json).toString('hex')} .`));
    fc.assert(
      fc.property(fc.oneof(noise, body, fc.uint8Array()), (bytes) => {
        const found = new AnswerFinder().push(bytes);
        expect(['undefined', 'failed']).toContain(found?.kind ?? 'undefined');
      }),
      { numRuns: 300 },
    );
  });
});

describe('an answer that cannot be used', () => {
  it('names the side to update when the version differs', () => {
    const message =
      'The server speaks version 2 of the protocol and this client version 1: update rove on this machine';
    expect(find(Buffer.from('x ROVE-ANSWER 2 anything'), [3])).toEqual({ kind: 'failed', code: 'newer', message });
  });

  it.each([
    ['hexadecimal', '7b7'],
    ['JSON', Buffer.from('{').toString('hex')],
    ['UTF-8', 'ff'],
    ['an object', Buffer.from('[1]').toString('hex')],
  ])('is malformed when it is not %s', (_, hex) => {
    expect(find(Buffer.from(`ROVE-ANSWER 1 ${hex} .`), [100])).toMatchObject({ kind: 'failed', code: 'malformed' });
  });

  it.each([
    ['kind', { kind: 'maybe' }],
    ['program', { program: '' }],
    ['connection id', { connectionId: '0102' }],
    ['key', { answer: 'ab' }],
    ['port', { port: 0 }],
    ['port', { port: 65_536 }],
    ['addresses', { addresses: '192.0.2.1' }],
    ['addresses', { addresses: Array.from({ length: 9 }, () => '192.0.2.1') }],
    ['address', { addresses: ['example.org'] }],
    ['address', { addresses: ['192.0.2.1\n'] }],
    ['address', { addresses: [7] }],
    ['control socket', { control: 'relative' }],
    ['control socket', { control: `/${'x'.repeat(103)}` }],
    ['control socket', { control: '/a\nb' }],
    ['control socket', { control: '/a\u202eb' }],
    ['control socket', { control: 7 }],
    ['failed', { kind: 'failed', code: 'X', message: 'm' }],
    ['message', { kind: 'failed', code: 'x', message: '' }],
    ['message', { kind: 'failed', code: 'x', message: '\u001b\u0007' }],
    ['message', { kind: 'failed', code: 'x', message: 5 }],
  ])('is malformed with a wrong %s: %j', (_, change) => {
    const members = { ...SESSION, connectionId: '0102030405060708', answer: '09'.repeat(ANSWER_LENGTH), ...change };
    const hex = Buffer.from(JSON.stringify(members)).toString('hex');
    const found = find(Buffer.from(`ROVE-ANSWER 1 ${hex} .`), [1000]);
    expect(found).toMatchObject({ kind: 'failed', code: 'malformed' });
  });

  it('cannot make the terminal do anything by its message', () => {
    const hostile = 'no\u001b[2J\u0007 room\r\nleft\u009b31m\u202e\u2028 here\ud800';
    const hex = Buffer.from(JSON.stringify({ kind: 'failed', code: 'x', message: hostile })).toString('hex');
    expect(find(Buffer.from(`ROVE-ANSWER 1 ${hex} .`), [50])).toEqual({
      kind: 'failed',
      code: 'x',
      message: 'no [2J  room left 31m  here',
    });
    expect(find(Buffer.from(encodeAnswer({ kind: 'failed', code: 'x', message: 'a\nb' })), [9])).toMatchObject({
      message: 'a b',
    });
  });

  it('is cut to a length that a terminal bears', () => {
    const found = find(Buffer.from(encodeAnswer({ kind: 'failed', code: 'x', message: 'é'.repeat(5000) })), [100]);
    expect(found).toMatchObject({ message: `${'é'.repeat(999)}…` });
  });
});

/** Feeds `output` in pieces of these sizes, over and over. */
function find(output: Uint8Array, sizes: readonly number[]): Answer | undefined {
  const finder = new AnswerFinder();
  let found: Answer | undefined;
  for (let at = 0, turn = 0; at < output.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    found = finder.push(output.subarray(at, at + size));
    at += size;
  }
  return found;
}
