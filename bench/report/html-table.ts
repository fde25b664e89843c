/**
 * The tables of the page, and what stands in their cells: captions, heads, rows that begin with a name, and a shell's name with a dot
 * in the colour of its line.
 */

import { SERIES } from './cdf-plot.ts';
import type { Distribution } from './distribution.ts';
import { type Child, element, type Markup } from './markup.ts';
import type { Summary } from './summary.ts';
import { NOTHING, quantity, times } from './wording.ts';

/** A table in a box that scrolls when it is too wide for a phone. `kind` is a class of the style sheet. */
export function tableOf(caption: Child, head: readonly Child[], rows: readonly Markup[], kind?: string): Markup {
  const isEmpty = Array.isArray(caption) && caption.length === 0;
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: kind },
      isEmpty ? [] : element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head.map((cell) => element('th', { scope: 'col' }, cell)))),
      element('tbody', {}, ...rows),
    ),
  );
}

/** A row with its name at the head. */
export function rowOf(head: Child, cells: readonly Child[]): Markup {
  return element('tr', {}, element('th', { scope: 'row' }, head), ...cells.map((cell) => element('td', {}, cell)));
}

/** The name with a dot in its colour. */
export function shellName(summary: Summary, shell: string): Child {
  const series = summary.shells.indexOf(shell) % SERIES;
  return element('span', { class: 'shell' }, element('span', { class: `key series-${series}` }), shell);
}

/** The ratio, and the median with its unit under it. */
export function ratioOver(values: Distribution, unit: string): Child {
  if (values.values.length === 0) return NOTHING;
  const median = Number.isFinite(values.p50) ? `${quantity(values.p50)}${unit}` : quantity(values.p50);
  return [ratio(values), element('span', { class: 'under' }, median)];
}

/** `0.012×`, to be seen first; a baseline's own is no news. */
export function ratio({ ratio: of }: Distribution): Markup {
  const isOwn = of !== undefined && of.low === 1 && of.high === 1;
  return element('span', { class: isOwn ? 'ratio own' : 'ratio' }, times(of));
}

/** How many never came. */
export function lost({ missing, values }: Distribution): string {
  return missing === 0 ? '0' : `${missing} of ${values.length}`;
}
