import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../bench/measure/result.ts';
import { cdfPlot } from '../../bench/report/cdf-plot.ts';
import { htmlPage } from '../../bench/report/html-page.ts';
import { readPage } from './strict-markup.ts';
import { syntheticReport } from './synthetic-report.ts';

const small = { links: ['lan', 'lossy-29'], repetitions: 1, keysPerWork: 20 };

describe('the page', () => {
  test('is well-formed and loads nothing from elsewhere', () => {
    const page = htmlPage(syntheticReport({ seed: 3, ...small }));
    const { elements } = readPage(page);
    expect(elements.filter(({ name }) => ['script', 'link', 'img', 'iframe', 'object', 'base'].includes(name))).toEqual(
      [],
    );
    expect(elements.filter(({ attributes }) => 'src' in attributes)).toEqual([]);
    const ids = elements.flatMap(({ attributes }) => (attributes.id === undefined ? [] : [`#${attributes.id}`]));
    const targets = elements.flatMap(({ attributes }) => attributes.href ?? []);
    expect(targets).toHaveLength(4);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
    expect(page).not.toMatch(/url\(|@import|https?:/);
  });

  test('has a plot of keys and one of Enter for each link, each with its own name', () => {
    const { elements } = readPage(htmlPage(syntheticReport({ seed: 3, ...small })));
    expect(elements.filter(({ name }) => name === 'svg')).toHaveLength(4);
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    // A title and a description each, and the sections of both links.
    expect(ids).toHaveLength(4 * 2 + 2);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has as many cells in every row of a table as in its head', () => {
    const page = htmlPage(syntheticReport({ seed: 3, ...small }));
    const tables = page.match(/<table[\s\S]*?<\/table>/g) ?? [];
    // Keys and Enter: of all links; then for each the times, the shares and the works; and what there is beside keys.
    expect(tables).toHaveLength(2 + 2 * (2 * 3 + 1));
    for (const table of tables) {
      const [head, ...rows] = (table.match(/<tr[\s\S]*?<\/tr>/g) ?? []).map((row) => row.match(/<t[hd][ >]/g)?.length);
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows)).toEqual(new Set([head]));
    }
  });

  test('shows every share that was lost or wrong beside the ratio', () => {
    const { text } = readPage(htmlPage(syntheticReport({ seed: 3, links: ['lossy-29'], keysPerWork: 60 })));
    const first = text.slice(0, text.indexOf('Ping through it'));
    expect(first).toMatch(/ms[\d.]+ % lost/);
    expect(first).toMatch(/% wrong/);
  });

  test('takes whatever a file says as text', () => {
    const any = fc.oneof(
      fc.constantFrom(
        '</style><script>alert(1)</script>',
        '"><img src=x onerror=y>',
        "' onload='",
        '&lt;',
        '\u0000\u001b[31m',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(
      fc.property(any, any, any, fc.integer(), (shell, link, line, seed) => {
        const names = shell === 'ssh' ? ['ssh'] : [shell, 'ssh'];
        const report = syntheticReport({ seed, shells: names, links: [link], repetitions: 1, keysPerWork: 10 });
        const worded: Report = {
          ...report,
          command: [line],
          leftOut: [line],
          machine: { ...report.machine, cpu: line, system: line, node: line },
          shells: report.shells.map((one) => ({ ...one, version: line, command: line })),
          links: report.links.map((one) => ({ ...one, title: line, source: line, asked: { [line]: 1 } })),
        };
        const { elements } = readPage(htmlPage(worded));
        expect(elements.some(({ name }) => name === 'script' || name === 'img')).toBe(false);
        expect(elements.some(({ attributes }) => Object.keys(attributes).some((key) => key.startsWith('on')))).toBe(
          false,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('can be made of a report in which nothing was measured', () => {
    const report = syntheticReport({ seed: 1, repetitions: 0 });
    expect(readPage(htmlPage(report)).text).toContain('Nothing was typed here');
    expect(readPage(htmlPage({ ...report, links: [] })).text).toContain('Nothing failed');
  });

  test('says so when the run was not complete', () => {
    const report = syntheticReport({ seed: 1, ...small });
    const note = 'not complete';
    expect(readPage(htmlPage(report)).text).not.toContain(note);
    expect(readPage(htmlPage({ ...report, complete: false })).text).toContain(note);
  });
});

describe('a plot', () => {
  const time = fc.oneof(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));

  /** The points of the paths, by the place of their line. */
  function pathsOf(markup: string): readonly (readonly (readonly [number, number])[])[] {
    return [...markup.matchAll(/<path d="M([\d.]+) ([\d.]+)([^"]*)"/g)].map(([, x = '', y = '', steps = '']) => [
      [Number(x), Number(y)],
      ...[...steps.matchAll(/H([\d.]+)V([\d.]+)/g)].map(([, h, v]): [number, number] => [Number(h), Number(v)]),
    ]);
  }

  test('rises from left to right, within its frame, to the share that was shown', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (values) => {
        const { markup } = cdfPlot('a', 'a plot', [{ name: 'a', values, series: 0 }]);
        const shown = values.filter((value) => Number.isFinite(value)).length;
        expect(markup.includes('<circle')).toBe(shown > 0 && shown < values.length);
        const [points] = pathsOf(markup);
        if (shown === 0) {
          expect(points).toBeUndefined();
          return;
        }
        const [first, last] = [points?.at(0), points?.at(-1)];
        if (points === undefined || first === undefined || last === undefined) throw new Error('no points');
        for (const [index, [x, y]] of points.entries()) {
          const [beforeX, beforeY] = points[index - 1] ?? first;
          expect(x).toBeGreaterThanOrEqual(beforeX);
          expect(y).toBeLessThanOrEqual(beforeY);
          expect(x).toBeLessThanOrEqual(350);
        }
        expect((first[1] - last[1]) / 190).toBeCloseTo(shown / values.length, 2);
      }),
      { numRuns: 100 },
    );
  });

  test('stays small however many keys there are', () => {
    const values = Array.from({ length: 50_000 }, (_, index) => 1 + ((index * 7919) % 9000));
    expect(cdfPlot('a', 'a plot', [{ name: 'a', values, series: 0 }]).markup.length).toBeLessThan(30_000);
  });

  test('draws no two of eight shells alike', () => {
    const lines = Array.from({ length: 8 }, (_, series) => ({ name: `${series}`, values: [10], series }));
    const looks = [...cdfPlot('a', 'a plot', lines).markup.matchAll(/<path d="[^"]*"([^>]*)>/g)].map(
      ([, look]) => look,
    );
    expect(looks).toHaveLength(8);
    expect(new Set(looks).size).toBe(8);
  });
});
