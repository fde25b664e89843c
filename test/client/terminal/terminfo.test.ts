import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTerminfo, readTerminfo } from '../../../client/terminal/terminfo.ts';

interface Entry {
  readonly wide?: boolean;
  readonly names: string;
  readonly numbers: readonly number[];
  readonly strings: readonly (string | undefined)[];
  readonly extended?: Readonly<Record<string, string | number | true>>;
}

/** An entry as tic(1) writes it, by term(5). */
function compile({ wide = false, names, numbers, strings, extended }: Entry): Uint8Array {
  const bytes: number[] = [];
  const short = (value: number): void => void bytes.push(value & 0xff, (value >> 8) & 0xff);
  const number = (value: number): void => {
    short(value);
    if (wide) short(value >> 16);
  };
  const align = (): void => void (bytes.length % 2 === 1 && bytes.push(0));
  const tableOf = (texts: readonly (string | undefined)[]): { table: string; offsets: number[] } => {
    let table = '';
    const offsets = texts.map((text) => {
      const at = table.length;
      if (text !== undefined) table += `${text}\0`;
      return text === undefined ? -1 : at;
    });
    return { table, offsets };
  };
  const text = (value: string): void => void bytes.push(...Buffer.from(value, 'latin1'));
  const { table, offsets } = tableOf(strings);
  for (const size of [wide ? 0x021e : 0x011a, names.length + 1, 1, numbers.length, strings.length, table.length])
    short(size);
  text(`${names}\0`);
  bytes.push(1);
  align();
  numbers.forEach(number);
  offsets.forEach(short);
  text(table);
  if (extended === undefined) return Uint8Array.from(bytes);
  align();
  const entries = Object.entries(extended);
  const flags = entries.filter(([, value]) => value === true);
  const counts = entries.flatMap(([name, value]) => (typeof value === 'number' ? [{ name, value }] : []));
  const values = entries.flatMap(([name, value]) => (typeof value === 'string' ? [{ name, value }] : []));
  const content = tableOf(values.map(({ value }) => value));
  const labels = tableOf([
    ...flags.map(([name]) => name),
    ...counts.map(({ name }) => name),
    ...values.map(({ name }) => name),
  ]);
  for (const size of [
    flags.length,
    counts.length,
    values.length,
    content.offsets.length + labels.offsets.length,
    content.table.length + labels.table.length,
  ])
    short(size);
  bytes.push(...flags.map(() => 1));
  align();
  for (const { value } of counts) number(value);
  [...content.offsets, ...labels.offsets].forEach(short);
  text(content.table + labels.table);
  return Uint8Array.from(bytes);
}

const NUMBERS = [...new Array<number>(13).fill(-1), 256];
const STRINGS = [...new Array<undefined>(28).fill(undefined), '\x1b[?1049h'];

describe('terminfo', () => {
  test.each([false, true])('is read with its extended capabilities, wide numbers: %s', (wide) => {
    const extended = { Tc: true, U8: 1, Smulx: '\x1b[4:%p1%dm', Setulc: '\x1b[58:2::…m' } as const;
    const read = parseTerminfo(
      compile({ wide, names: 'fancy|a fancy terminal', numbers: NUMBERS, strings: STRINGS, extended }),
    );
    expect(read?.colors).toBe(256);
    expect(read?.alternateScreen).toBe(true);
    expect([...(read?.extended.keys() ?? [])].sort()).toEqual(['Setulc', 'Smulx', 'Tc', 'U8']);
    expect(read?.extended.get('Smulx')).toBe('\x1b[4:%p1%dm');
    expect(read?.extended.get('U8')).toBe(1);
  });

  test('is read without any, and without colours', () => {
    const read = parseTerminfo(compile({ names: 'vt100', numbers: [80], strings: [] }));
    expect(read).toEqual({ colors: undefined, alternateScreen: false, extended: new Map() });
  });

  test('is nothing where the bytes are none, cut, or any at all', () => {
    const extended = { Tc: true, Smulx: 'x' } as const;
    const whole = compile({ names: 'fancy', numbers: NUMBERS, strings: STRINGS, extended });
    expect(parseTerminfo(Uint8Array.of(1, 2, 3))).toBeUndefined();
    for (let length = 0; length < whole.length; length++)
      expect(() => parseTerminfo(whole.subarray(0, length))).not.toThrow();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseTerminfo(Uint8Array.from([0x1a, 0x01, ...bytes]))).not.toThrow();
      }),
    );
  });

  test('is not looked for by a name that is a path', () => {
    expect(readTerminfo('../../etc/passwd', {})).toBeUndefined();
    expect(readTerminfo('', {})).toBeUndefined();
  });
});
