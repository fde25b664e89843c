/**
 * The share of keys that stood on the screen within a time, as inline SVG: a line a shell over a logarithmic axis from 1 ms on. Keys
 * that never came are in the share, so a shell that lost some has a line that ends below 100 %. The line at 5 ms is where the shares
 * that were shown at once are read off; the legend says them in figures.
 *
 * Colours are of the style sheet (`series-0` …), dashes are here: the lines can be told apart in print and by everybody's eyes.
 */

import { shareBelow } from '../measure/statistics.ts';
import { AT_ONCE_MS } from './distribution.ts';
import { element, type Markup } from './markup.ts';
import { percent } from './wording.ts';

export interface CdfLine {
  readonly name: string;
  /** Times in ms, infinite when they never came. */
  readonly values: readonly number[];
  /** Which colour and dash: the shell's place in the report. */
  readonly series: number;
}

/** As many colours as the style sheet has. */
export const SERIES = 7;
/** As stroke-dasharray; of another length than the colours, so that more shells still differ. */
const DASHES = ['', '7 3', '2 2.5', '9 3 2 3', '4 2', '12 3', '6 2 2 2 2 2', '1 3'];

/** All in units of the view box, of which a phone shows one in a CSS pixel. */
const WIDTH = 360;
const PLOT = { left: 38, right: 350, height: 190 };
const LEGEND_ROW = 16;
const NAME_MAX = 16;
const FIRST_MS = 1;
/** The axis goes to 10 s, or on by decades to what was measured, but no farther than this. */
const LAST_MS = 10_000;
const FARTHEST_MS = 1_000_000;
/** Steps closer than this cannot be seen. */
const FINEST = 0.4;
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const [AT_ONCE] = AT_ONCE_MS;

/** The plot; `id` must be unlike any other on the page, `title` says what was timed. */
export function cdfPlot(id: string, title: string, lines: readonly CdfLine[]): Markup {
  const lastMs = axisEnd(lines);
  const top = 26 + LEGEND_ROW * (lines.length + 1);
  const bottom = top + PLOT.height;
  const x = (ms: number): number => {
    const share = Math.log(Math.max(FIRST_MS, ms) / FIRST_MS) / Math.log(lastMs / FIRST_MS);
    return PLOT.left + share * (PLOT.right - PLOT.left);
  };
  const y = (share: number): number => bottom - share * PLOT.height;
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${bottom + 36}`, role: 'img', 'aria-labelledby': `${id}-title ${id}-desc`, class: 'cdf' },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-desc` }, description(lines)),
    legend(lines),
    grid(x, y, lastMs),
    element('g', { class: 'lines' }, ...lines.map((line) => curve(line, x, y))),
  );
}

function axisEnd(lines: readonly CdfLine[]): number {
  const longest = lines.flatMap(({ values }) => values.filter((value) => Number.isFinite(value))).reduce(larger, 0);
  let end = LAST_MS;
  while (end < longest && end < FARTHEST_MS) end *= 10;
  return end;
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}

function description(lines: readonly CdfLine[]): string {
  return lines
    .map(({ name, values }) =>
      values.length === 0
        ? `${name}: nothing measured.`
        : `${name}: ${percent(shareBelow(values, AT_ONCE))} % in less than ${AT_ONCE} ms, ${neverText(values)}.`,
    )
    .join(' ');
}

/** A row a shell above the plot: its line, its name, and what can't be read off exactly. */
function legend(lines: readonly CdfLine[]): Markup {
  const right = PLOT.right;
  const middle = right - 92;
  const head = [
    element('text', { x: middle, y: 12, class: 'note end' }, `< ${AT_ONCE} ms`),
    element('text', { x: right, y: 12, class: 'note end' }, 'never shown'),
  ];
  const rows = lines.map(({ name, values, series }, row) => {
    const baseline = 12 + LEGEND_ROW * (row + 1);
    const swatch = { x1: 4, x2: PLOT.left - 2, y1: baseline - 4, y2: baseline - 4 };
    const never = values.filter((value) => !Number.isFinite(value)).length;
    return [
      element('line', { ...swatch, ...lineStyle(series) }),
      element('text', { x: PLOT.left + 4, y: baseline, class: 'name' }, short(name)),
      element('text', { x: middle, y: baseline, class: 'end' }, `${percent(shareBelow(values, AT_ONCE))} %`),
      element(
        'text',
        { x: right, y: baseline, class: 'end' },
        never === 0 ? '0' : `${percent(never / values.length)} %`,
      ),
    ];
  });
  return element('g', { class: 'legend' }, head, rows);
}

function grid(x: (ms: number) => number, y: (share: number) => number, lastMs: number): Markup {
  const across = SHARES.map((share) => [
    element('line', {
      x1: PLOT.left,
      x2: PLOT.right,
      y1: y(share),
      y2: y(share),
      class: share === 0 ? 'axis' : 'rule',
    }),
    element('text', { x: PLOT.left - 5, y: y(share) + 4, class: 'end' }, share * 100),
  ]);
  const down: Markup[][] = [];
  for (let ms = FIRST_MS; ms <= lastMs; ms *= 10) {
    const anchor = ms === FIRST_MS ? 'start' : ms === lastMs ? 'end' : 'middle';
    down.push([
      element('line', { x1: x(ms), x2: x(ms), y1: y(0), y2: y(1), class: ms === FIRST_MS ? 'axis' : 'rule' }),
      element('text', { x: x(ms), y: y(0) + 15, class: anchor }, tickText(ms)),
    ]);
  }
  const mark = element('line', { x1: x(AT_ONCE), x2: x(AT_ONCE), y1: y(0), y2: y(1), class: 'mark' });
  const markText = element('text', { x: x(AT_ONCE), y: y(1) - 5, class: 'middle note' }, `${AT_ONCE} ms`);
  const caption = element(
    'text',
    { x: (PLOT.left + PLOT.right) / 2, y: y(0) + 31, class: 'middle note' },
    'from the key to the screen (share shown by then, %)',
  );
  return element('g', { class: 'grid' }, across, down, mark, markText, caption);
}

/** What is faster than the first stands on it. */
function tickText(ms: number): string {
  const text = ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
  return ms === FIRST_MS ? `≤ ${text}` : text;
}

/** The steps of one shell, and a ring at the end when that is below 100 %. */
function curve({ values, series }: CdfLine, x: (ms: number) => number, y: (share: number) => number): Markup {
  const shown = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (shown.length === 0) return element('g', {});
  let [atX, atY] = [x(0), y(0)];
  let path = `M${atX.toFixed(1)} ${atY.toFixed(1)}`;
  for (const [index, value] of shown.entries()) {
    const [toX, toY] = [Math.min(x(value), PLOT.right), y((index + 1) / values.length)];
    const isLast = index === shown.length - 1;
    if (!isLast && toX - atX < FINEST && atY - toY < FINEST) continue;
    path += `H${toX.toFixed(1)}V${toY.toFixed(1)}`;
    [atX, atY] = [toX, toY];
  }
  const at = { cx: atX.toFixed(1), cy: atY.toFixed(1), r: 3, class: `ring series-${series % SERIES}` };
  const ring = shown.length < values.length ? element('circle', at) : [];
  return element('g', {}, element('path', { d: path, ...lineStyle(series) }), ring);
}

function lineStyle(series: number): Readonly<Record<string, string | undefined>> {
  const dash = DASHES[series % DASHES.length];
  return { class: `series-${series % SERIES}`, 'stroke-dasharray': dash === '' ? undefined : dash };
}

function neverText(values: readonly number[]): string {
  const never = values.filter((value) => !Number.isFinite(value)).length;
  return never === 0 ? 'all shown' : `${never} of ${values.length} never shown`;
}

function short(name: string): string {
  return name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name;
}
