import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRequest,
  encodeRequest,
  isPassedVariable,
  MAX_COMMAND_BYTES,
  MAX_VARIABLES,
  REQUEST_LINE_MAX,
  type Request,
} from '../../protocol/bootstrap/request.ts';
import { DecodeError } from '../../protocol/bytes.ts';
import { OFFER_LENGTH } from '../../protocol/crypto/agreement.ts';
import { MAX_SIDE } from '../../protocol/screen/screen.ts';

const PLAIN: Request = {
  version: 1,
  program: '0.1.0',
  offer: new Uint8Array(OFFER_LENGTH).fill(7),
  term: 'xterm-256color',
  cols: 80,
  rows: 24,
  env: { LANG: 'C.UTF-8' },
};

const text = fc.string({ unit: 'binary', maxLength: 100 }).filter((value) => !value.includes('\0'));
const port = fc.integer({ min: 1, max: 65_535 });
const request = fc.record(
  {
    version: fc.constant(1 as const),
    program: fc.stringMatching(/^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9a-z.]{1,10})?$/),
    offer: fc.uint8Array({ minLength: OFFER_LENGTH, maxLength: OFFER_LENGTH }),
    term: fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$/),
    cols: fc.integer({ min: 1, max: MAX_SIDE }),
    rows: fc.integer({ min: 1, max: MAX_SIDE }),
    env: fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z_][0-9A-Za-z_]{0,20}$/), text), {
        selector: ([name]) => name,
        maxLength: 20,
      })
      .map((entries) => Object.fromEntries(entries)),
    command: text,
    udpPort: fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    keepMs: fc.integer({ min: 1, max: 10 ** 12 }),
    scrollback: fc.integer({ min: 0, max: 10 ** 6 }),
  },
  { requiredKeys: ['version', 'program', 'offer', 'term', 'cols', 'rows', 'env'] },
);

describe('a request line', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(request, (wish) => {
        expect(decodeRequest(encodeRequest(wish))).toEqual(wish);
      }),
    );
  });

  it('is one line of printable ASCII, whatever is in it', () => {
    fc.assert(
      fc.property(request, (wish) => {
        expect(encodeRequest(wish)).toMatch(/^rove-request 1 [0-9a-f]+\n$/);
      }),
      { numRuns: 30 },
    );
  });

  it('is frozen', () => {
    const line = encodeRequest({ ...PLAIN, command: 'echo é', udpPort: { first: 1, last: 2 }, keepMs: 9 });
    const json: unknown = JSON.parse(Buffer.from(line.slice('rove-request 1 '.length), 'hex').toString());
    expect(json).toEqual({
      program: '0.1.0',
      term: 'xterm-256color',
      cols: 80,
      rows: 24,
      env: { LANG: 'C.UTF-8' },
      command: 'echo é',
      udpPort: { first: 1, last: 2 },
      keepMs: 9,
      offer: '07'.repeat(OFFER_LENGTH),
    });
  });

  it('may end in LF, in CR LF, or not at all', () => {
    const line = encodeRequest(PLAIN).trimEnd();
    for (const end of ['', '\n', '\r\n']) expect(decodeRequest(line + end)).toEqual(PLAIN);
  });

  it('may hold members that this version does not know', () => {
    expect(decodeRequest(lineWith({ later: [1, 2, 3] }))).toEqual(PLAIN);
  });

  it('keeps a variable called __proto__ a variable', () => {
    const members = JSON.stringify(membersOf(PLAIN)).replace('"LANG":"C.UTF-8"', '"__proto__":"x"');
    const { env } = decodeRequest(`rove-request 1 ${Buffer.from(members).toString('hex')}`);
    expect(Object.entries(env)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(env)).toBe(Object.prototype);
  });
});

describe('a request line that is refused', () => {
  it.each([
    ['the terminal type', { term: 'xterm; rm -rf' }],
    ['the terminal type', { term: '' }],
    ['the terminal type', { term: '../../etc' }],
    ['the terminal type', { term: 'x'.repeat(65) }],
    ['the terminal type', { term: undefined }],
    ['the width', { cols: 0 }],
    ['the width', { cols: MAX_SIDE + 1 }],
    ['the width', { cols: 80.5 }],
    ['the width', { cols: '80' }],
    ['the height', { rows: -1 }],
    ['the height', { rows: null }],
    ['the program version', { program: 'a b' }],
    ['the program version', { program: `1${'0'.repeat(64)}` }],
    ['the key offer', { offer: '00' }],
    ['the key offer', { offer: 'zz'.repeat(OFFER_LENGTH) }],
    ['the key offer', { offer: '00'.repeat(OFFER_LENGTH + 1) }],
    ['the key offer', { offer: 5 }],
    ['the environment', { env: [] }],
    ['the environment', { env: null }],
    [
      'the environment',
      { env: Object.fromEntries(Array.from({ length: MAX_VARIABLES + 1 }, (_, i) => [`V${i}`, ''])) },
    ],
    ['the name of a variable', { env: { 'A=B': '' } }],
    ['the name of a variable', { env: { '': '' } }],
    ['the name of a variable', { env: { '1A': '' } }],
    ['the variable A', { env: { A: 1 } }],
    ['the variable A', { env: { A: 'x\0y' } }],
    ['the variable A', { env: { A: 'x'.repeat(1025) } }],
    ['the variable A', { env: { A: '\ud800' } }],
    ['the command', { command: 'x\0y' }],
    ['the command', { command: ['ls'] }],
    ['the command', { command: 'é'.repeat(MAX_COMMAND_BYTES / 2 + 1) }],
    ['the port range', { udpPort: 60_001 }],
    ['the first port', { udpPort: { first: 0, last: 5 } }],
    ['the last port', { udpPort: { first: 9, last: 8 } }],
    ['the last port', { udpPort: { first: 9, last: 65_536 } }],
    ['the time to keep the session', { keepMs: 0 }],
    ['the scrollback', { scrollback: -1 }],
    ['the scrollback', { scrollback: 1_000_001 }],
    ['the time to keep the session', { keepMs: 1e300 }],
  ])('says that it cannot read %s: %j', (what, change) => {
    expect(() => decodeRequest(lineWith(change))).toThrow(DecodeError);
    expect(() => decodeRequest(lineWith(change))).toThrow(`Cannot read ${what}: `);
  });

  it.each([
    '',
    'hello',
    'rove-request',
    'rove-request 1',
    'rove-request 1 ',
    'rove-request 1 zz',
    'rove-request 01x 00',
    'x rove-request 1 7b7d',
    'rove-request 1 7b7d x',
  ])('says what it expected instead of %j', (line) => {
    expect(() => decodeRequest(line)).toThrow('expected a line that begins with "rove-request 1"');
  });

  it.each(['7', '7b', 'ff', '6e756c6c', '5b5d', '2278'])('says that %s is not an object in hexadecimal', (hex) => {
    expect(() => decodeRequest(`rove-request 1 ${hex}`)).toThrow(/^Cannot read the request: it is not/);
  });

  it('refuses bytes that are not UTF-8, even where any text would do', () => {
    const json = JSON.stringify({ ...membersOf(PLAIN), command: 'cat XX' });
    const hex = Buffer.from(json).toString('hex').replace('5858', 'c328');
    expect(() => decodeRequest(`rove-request 1 ${hex}`)).toThrow(
      'Cannot read the request: it is not JSON in hexadecimal',
    );
  });

  it('names the side to update when the version differs', () => {
    expect(() => decodeRequest('rove-request 2 00')).toThrow(
      'The client speaks version 2 of the protocol and this server version 1: update rove on the server',
    );
    expect(() => decodeRequest('rove-request 0 00')).toThrow('update rove on the client');
  });

  it('is refused unread when it is too long', () => {
    expect(() => decodeRequest(`rove-request 1 ${'0'.repeat(REQUEST_LINE_MAX)}`)).toThrow('the line is too long');
  });

  it('survives nesting that would exhaust a recursive reader', () => {
    const hex = Buffer.from('['.repeat(100_000)).toString('hex');
    expect(() => decodeRequest(`rove-request 1 ${hex}`)).toThrow(DecodeError);
  });

  it('is never anything but a request or a DecodeError, for any text and any mutation', () => {
    const line = encodeRequest(PLAIN);
    const mutated = fc
      .tuple(fc.nat(line.length - 1), fc.nat(line.length - 1), fc.string({ maxLength: 5 }))
      .map(([from, length, put]) => line.slice(0, from) + put + line.slice(from + (length % 9)));
    const json = fc.json().map((value) => `rove-request 1 ${Buffer.from(value).toString('hex')}`);
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          json,
          fc.string(),
          fc.string().map((rest) => `rove-request 1 ${rest}`),
        ),
        (input) => {
          try {
            expect(decodeRequest(input).version).toBe(1);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('writing a request', () => {
  it('refuses what the other side would refuse', () => {
    expect(() => encodeRequest({ ...PLAIN, cols: 0 })).toThrow('Cannot read the width');
    expect(() => encodeRequest({ ...PLAIN, command: 'x'.repeat(MAX_COMMAND_BYTES + 1) })).toThrow('the command');
  });

  it('refuses values that fit one by one and not together', () => {
    const env = Object.fromEntries(Array.from({ length: MAX_VARIABLES }, (_, i) => [`V${i}`, '\u0001'.repeat(1024)]));
    expect(() => encodeRequest({ ...PLAIN, env })).toThrow('command and environment are too long');
  });
});

describe('the variables that are passed on', () => {
  it('are the locale and the colours, nothing that steers programs', () => {
    for (const name of ['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'COLORTERM'])
      expect(isPassedVariable(name)).toBe(true);
    for (const name of ['PATH', 'LD_PRELOAD', 'LC_', 'LC_all', 'XLANG', 'LANGX', 'TERM', '']) {
      expect(isPassedVariable(name)).toBe(false);
    }
  });
});

function membersOf({ version: _, offer, ...rest }: Request): Record<string, unknown> {
  return { ...rest, offer: Buffer.from(offer).toString('hex') };
}

function lineWith(change: Record<string, unknown>): string {
  const json = JSON.stringify({ ...membersOf(PLAIN), ...change });
  return `rove-request 1 ${Buffer.from(json).toString('hex')}\n`;
}
