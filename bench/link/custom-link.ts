/**
 * A link spelt out on the command line: `rtt=80,jitter=10,loss=0.05,burst=0.01/0.3,rate=5mbit,queue=256kB`. What is said
 * without a direction holds for both; `loss-up` or `rate-down` for one, and over what is said for both. The round trip is
 * split in halves, unless `delay-up` and `delay-down` say otherwise.
 */

import { readFileSync, statSync } from 'node:fs';
import { DIRECTIONS, type Direction } from './control.ts';
import { parseDeliveryTrace } from './delivery-trace.ts';
import { checkImpairment, type ImpairmentOptions } from './impairment.ts';
import { askedOf, type LinkPreset } from './link-preset.ts';

/** Reads a trace's file. */
export type ReadText = (path: string) => string;

const TEXT_LENGTH_MAX = 1000;
const TRACE_FILE_BYTES_MAX = 12_000_000;

type Parse = (text: string, key: string, read: ReadText) => ImpairmentOptions;

/** What each key says of a direction. */
const KEYS: Readonly<Record<string, Parse>> = {
  rtt: (text, key) => ({ delayMs: parseMs(text, key) / 2 }),
  delay: (text, key) => ({ delayMs: parseMs(text, key) }),
  jitter: (text, key) => ({ jitterMs: parseMs(text, key) }),
  loss: (text, key) => ({ loss: parseShare(text, key) }),
  burst: (text, key) => ({ burst: parseBurst(text, key) }),
  rate: (text, key) => ({ rateBps: parseUnits(text, key, RATE_UNITS, '5mbit, 500kbit or bits a second') }),
  queue: (text, key) => ({ queueBytes: parseUnits(text, key, SIZE_UNITS, '256kB, 1MB or bytes') }),
  trace: (text, key, read) => ({ trace: parseDeliveryTrace(readTrace(text, key, read), text) }),
  reorder: (text, key) => ({ reorder: parseShare(text, key) }),
  'reorder-by': (text, key) => ({ reorderMs: parseMs(text, key) }),
  duplicate: (text, key) => ({ duplicate: parseShare(text, key) }),
};

const RATE_UNITS: Readonly<Record<string, number>> = { '': 1, bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, kib: 1024, mib: 1024 ** 2 };
const TIME_UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000 };

/** Parses the value of `--link`. Throws RangeError with one line that names what is wrong and what could be there. */
export function customLink(text: string, read: ReadText = readBounded): LinkPreset {
  if (text.length > TEXT_LENGTH_MAX) throw new RangeError('--link: more than anybody writes: shorten it');
  const both: ImpairmentOptions[] = [];
  const single: Record<Direction, ImpairmentOptions[]> = { up: [], down: [] };
  const seen = new Set<string>();
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const [, key = '', value = ''] = /^([a-z-]+)=(.+)$/s.exec(part) ?? [];
    if (key === '') throw new RangeError(`--link: expected key=value, as in rtt=80,loss=0.05, not "${part}"`);
    if (seen.has(key)) throw new RangeError(`--link: ${key} is there twice: give it once`);
    seen.add(key);
    const [, name = '', way] = /^(.*?)(?:-(up|down))?$/.exec(key) ?? [];
    const parse = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (parse === undefined || (name === 'rtt' && way !== undefined)) {
      throw new RangeError(
        `--link: there is no ${key}: choose from ${Object.keys(KEYS).join(', ')}, with -up or -down for one way`,
      );
    }
    const direction = DIRECTIONS.find((known) => known === way);
    (direction === undefined ? both : single[direction]).push(parse(value, key, read));
  }
  const merged = (direction: Direction): ImpairmentOptions => {
    const way: ImpairmentOptions = Object.assign({}, ...both, ...single[direction]);
    try {
      return checkImpairment(way);
    } catch (error) {
      throw new RangeError(`--link: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
  const options = { up: merged('up'), down: merged('down') };
  return {
    name: text,
    title: text,
    source: 'asked for on the command line',
    options,
    asked: askedOf(options),
    download: false,
  };
}

function parseMs(text: string, key: string): number {
  return parseUnits(text, key, TIME_UNITS, '80, 80ms or 0.5s');
}

function parseShare(text: string, key: string): number {
  const [, digits = '', percent] = /^(\d{0,6}\.?\d{0,9}?)(%?)$/.exec(text) ?? [];
  const share = (digits === '' || digits === '.' ? Number.NaN : Number(digits)) / (percent === '%' ? 100 : 1);
  if (!(share <= 1)) throw new RangeError(`--link: ${key}=${text}: expected a share such as 0.05 or 5%`);
  return share;
}

function parseBurst(text: string, key: string): { enter: number; leave: number } {
  const [enter, leave, more] = text.split('/');
  if (enter === undefined || leave === undefined || more !== undefined) {
    throw new RangeError(
      `--link: ${key}=${text}: expected the chances to enter and to leave a burst, such as 0.01/0.3`,
    );
  }
  return { enter: parseShare(enter, key), leave: parseShare(leave, key) };
}

function parseUnits(text: string, key: string, units: Readonly<Record<string, number>>, expected: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([a-z]*)$/.exec(text.toLowerCase()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (digits === '' || factor === undefined) throw new RangeError(`--link: ${key}=${text}: expected ${expected}`);
  return Number(digits) * factor;
}

function readTrace(path: string, key: string, read: ReadText): string {
  try {
    return read(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RangeError(`--link: ${key}=${path} cannot be read: ${why}`, { cause: error });
  }
}

function readBounded(path: string): string {
  const { size } = statSync(path);
  if (size > TRACE_FILE_BYTES_MAX) throw new RangeError(`more than ${TRACE_FILE_BYTES_MAX} bytes are no trace`);
  return readFileSync(path, 'utf8');
}
