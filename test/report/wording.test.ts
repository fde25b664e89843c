import { expect, test } from 'vitest';
import { distribution } from '../../bench/report/distribution.ts';
import { askedText, commandLine, interval, meanOf, percent, quantity, times } from '../../bench/report/wording.ts';

test('a share is never said to be all or nothing when it is not', () => {
  expect([0, 0.0001, 0.02, 0.5, 0.994, 0.9999, 1].map(percent)).toEqual(['0', '<0.1', '2.0', '50', '99', '>99', '100']);
  expect(percent(Number.NaN)).toBe('–');
});

test('what never came is called so, and what was not measured is a dash', () => {
  expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2.345].map(quantity)).toEqual([
    'never',
    'never',
    '–',
    '2.35',
  ]);
});

test('a ratio keeps digits that matter, however small', () => {
  const ratio = (value: number) => ({ value, low: value / 2, high: value * 2 });
  expect([0.00001, 0.0006, 0.012, 0.5, 2, 25, 300].map((value) => times(ratio(value)))).toEqual([
    '<0.0001×',
    '0.0006×',
    '0.012×',
    '0.50×',
    '2.00×',
    '25.0×',
    '300×',
  ]);
  expect(interval(ratio(0.012))).toBe('0.006–0.024');
  expect(interval({ value: 1, low: 1, high: 1 })).toBe('–');
  expect(interval({ value: 2, low: 0, high: Number.POSITIVE_INFINITY })).toBe('–');
  expect(interval({ value: 2, low: 1, high: Number.POSITIVE_INFINITY })).toBe('1.00–∞');
});

test('a mean without those that never came has a mark', () => {
  expect(meanOf(distribution([1, 3], []))).toBe('2.00');
  expect(meanOf(distribution([1, 3, Number.POSITIVE_INFINITY], []))).toBe('>2.00');
  expect(meanOf(distribution([Number.POSITIVE_INFINITY], []))).toBe('–');
});

test('the command can be typed again', () => {
  expect(commandLine(['--links=lan', "--shell=it's=ssh {host}"])).toBe(
    "rove bench --links=lan '--shell=it'\\''s=ssh {host}'",
  );
});

test('what was asked of a link is told with units, and what is not known as it is', () => {
  const asked = { rttMs: 273, lossUp: 0.29, rateDownBps: 13e6, queueUpBytes: 1e6, jitterUpMs: 2.5, newFigure: 7 };
  expect(askedText(asked)).toBe(
    'rtt 273 ms, loss up 29 %, rate down 13 Mbit/s, queue up 1000 kB, jitter up 2.5 ms, newFigure 7',
  );
});

test('a ratio to what never came is none', () => {
  expect(times(distribution([1, 2], [Number.POSITIVE_INFINITY]).ratio)).toBe('–');
});
