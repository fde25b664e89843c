import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INTERRUPTED, type Report } from '../../bench/measure/result.ts';
import { distribution } from '../../bench/report/distribution.ts';
import { htmlPage } from '../../bench/report/html-page.ts';
import { ALL_TYPED, summarize } from '../../bench/report/summary.ts';
import { textTable } from '../../bench/report/text-table.ts';
import { readPage } from './strict-markup.ts';
import { syntheticReport } from './synthetic-report.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('a summary', () => {
  test('loses no key, and no key that never came', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const report = syntheticReport({ seed, keysPerWork: 25 });
        for (const { link, works } of summarize(report).links) {
          for (const { work, rows } of works) {
            for (const { shell, keys, letters, enters, typed } of rows) {
              const all = link.turns
                .filter((turn) => turn.shell === shell)
                .flatMap((turn) => turn.works.filter((one) => work === ALL_TYPED || one.work === work))
                .flatMap((one) => one.keys);
              const shown = all.filter(({ kind }) => kind !== 'silent');
              expect(typed).toBe(all.length);
              expect(keys.values.length + enters.values.length).toBe(shown.length);
              expect(keys.missing + enters.missing).toBe(shown.filter(({ shownMs }) => shownMs === null).length);
              expect(letters.values.length).toBe(all.filter(({ kind }) => kind === 'letter').length);
            }
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test('has a figure for every turn, a prompt that never came among them', () => {
    const report = syntheticReport({ seed: 5, links: ['lossy-29'], repetitions: 60, keysPerWork: 2 });
    const prompts = report.links.flatMap(({ turns }) => turns.map(({ promptMs }) => promptMs));
    expect(prompts).toContain(null);
    const [figure] = summarize(report).links[0]?.figures ?? [];
    expect(figure?.label).toBe('command to prompt, ms');
    expect(figure?.shells.reduce((sum, { values }) => sum + values.values.length, 0)).toBe(prompts.length);
    expect(figure?.shells.reduce((sum, { values }) => sum + values.missing, 0)).toBe(
      prompts.filter((prompt) => prompt === null).length,
    );
  });

  test('names the work beside a figure that two works have', () => {
    const report = syntheticReport({ seed: 5, links: ['lan'], repetitions: 1, keysPerWork: 2 });
    const renamed = {
      ...report,
      links: report.links.map((link) => ({
        ...link,
        turns: link.turns.map((turn) => ({
          ...turn,
          works: turn.works.flatMap((work) => (work.work === 'move' ? [work, { ...work, work: 'outage' }] : [work])),
        })),
      })),
    };
    const labels = summarize(renamed).links[0]?.figures.map(({ label }) => label);
    expect(labels).toContain('recovery after move, ms');
    expect(labels).toContain('recovery after outage, ms');
  });
});

describe('what failed', () => {
  test('stands in the table and on the page, with everything that was left out', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const report = syntheticReport({ seed, keysPerWork: 25 });
        const table = textTable(report).join('\n').replaceAll(/\s+/g, ' ');
        const page = readPage(htmlPage(report)).text;
        const { failures } = summarize(report);
        const all = report.links.flatMap(({ turns }) =>
          turns.flatMap(({ works, failure }) => [failure, ...works.map((work) => work.failure)]),
        );
        expect(failures.reduce((sum, { times }) => sum + times, 0)).toBe(all.filter((one) => one !== undefined).length);
        for (const { link, shell, work, what } of failures) {
          expect(table).toContain(`${link}, ${shell}, ${work}: ${what}`);
          expect(page).toContain(`${link}, ${shell}, ${work}: ${what}`);
        }
        for (const line of report.leftOut) {
          expect(table).toContain(line);
          expect(page).toContain(line);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('the table in the terminal', () => {
  test('fits 100 columns and holds no control, whatever things are called', () => {
    const name = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.constant('\u001b]0;x\u0007'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 7 }), name, fc.boolean(), (shells, link, isOne) => {
        const links = isOne || link === 'lan' ? [link] : [link, 'lan'];
        const lines = textTable(syntheticReport({ seed: 1, shells, links, repetitions: 1, keysPerWork: 10 }));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
        expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the table of ten links', () => {
  const links = [
    'lan',
    'wifi',
    'lte',
    'lte-bufferbloat',
    'evdo',
    'singapore',
    'satellite',
    'lossy-10',
    'lossy-29',
    'x',
  ];
  const lines = textTable(syntheticReport({ seed: 2, links, repetitions: 1, keysPerWork: 20 }));

  test('has a block of at most a dozen lines for each', () => {
    const starts = lines.flatMap((line, at) => (/^── .* round trip /.test(line) ? [at] : []));
    expect(starts).toHaveLength(links.length);
    for (const [index, at] of starts.slice(1).entries()) expect(at - (starts[index] ?? 0)).toBeLessThanOrEqual(12);
  });

  test('ends with the ratios of all of them, of keys and of Enter', () => {
    const last = lines.slice(-2 * (links.length + 3));
    for (const link of links) {
      expect(last.filter((line) => line.startsWith(`${link} `) && line.includes('1.00×'))).toHaveLength(2);
    }
  });
});

describe('an interrupt', () => {
  const report = syntheticReport({ seed: 5, links: ['lan', 'lte'], repetitions: 1, keysPerWork: 5 });
  const stopped: Report = {
    ...report,
    complete: false,
    links: report.links.map((link) => ({
      ...link,
      turns: link.turns.map((turn) => ({ ...turn, promptMs: null, works: [], failure: INTERRUPTED })),
    })),
  };

  test('is no failure of a shell, but is told', () => {
    const { failures, interrupted, links } = summarize(stopped);
    expect(failures).toEqual([]);
    expect(interrupted).toHaveLength(6);
    const [table, page] = [textTable(stopped).join('\n'), readPage(htmlPage(stopped)).text];
    for (const text of [table, page]) expect(text).toContain('lte, mosh: cut short by the interrupt');
    expect(table).toContain('nothing failed');
    // The prompt was not waited for: that it did not come says nothing.
    expect(links.flatMap(({ figures }) => figures.map(({ label }) => label))).not.toContain('command to prompt, ms');
  });
});

describe('a row of the table', () => {
  test('is one line where figures are large and names are long', () => {
    const shells = ['a-shell-of-a-long-name', 'ssh'];
    const report = syntheticReport({ seed: 1, shells, links: ['lossy-29'], slower: 40 });
    const lines = textTable(report);
    const heads = lines.filter((line) => /^(key|Enter) +shell /.test(line));
    expect(heads).toHaveLength(2);
    // A row that was too long would go on below, indented and without a slash of what was lost.
    for (const head of heads) {
      const rows = lines.slice(lines.indexOf(head) + 1, lines.indexOf(head) + 7);
      expect(rows.filter((row) => /\d\/\d+$/.test(row))).toHaveLength(6);
      expect(rows.filter((row) => row.length === head.length)).toHaveLength(6);
    }
  });
});

describe('a ratio', () => {
  const times = fc.array(fc.double({ min: 0.1, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 60 });

  test('is that of the medians, within its interval', () => {
    fc.assert(
      fc.property(times, times, (values, baseline) => {
        const { p50, ratio, meanRatio } = distribution(values, baseline);
        expect(ratio?.value).toBeCloseTo(p50 / distribution(baseline, baseline).p50, 9);
        for (const one of [ratio, meanRatio]) {
          if (one === undefined) throw new Error('there is no ratio');
          expect(one.low).toBeLessThanOrEqual(one.value * (1 + 1e-9));
          expect(one.high).toBeGreaterThanOrEqual(one.value * (1 - 1e-9));
        }
      }),
    );
  });

  test('turns over when the shells change places', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [there, back] = [distribution(a, b).ratio, distribution(b, a).ratio];
        expect((there?.value ?? 0) * (back?.value ?? 0)).toBeCloseTo(1, 6);
        if (there !== undefined && back !== undefined && Number.isFinite(back.high)) {
          expect(there.low * back.high).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  test('holds the true one 95 times of 100, roughly', () => {
    // Two shells whose medians differ by 2, drawn a few hundred times: an interval too narrow by a third holds it 82 times.
    let held = 0;
    const runs = 300;
    for (let seed = 0; seed < runs; seed++) {
      const draw = (scale: number, salt: number): number[] =>
        Array.from({ length: 40 }, (_, index) => scale * (1 + uniform(seed * 100 + index, salt)));
      const { ratio } = distribution(draw(2, 1), draw(1, 2));
      if (ratio !== undefined && ratio.low <= 2 && 2 <= ratio.high) held++;
    }
    expect(held / runs).toBeGreaterThan(0.91);
    expect(held / runs).toBeLessThan(0.995);
  });

  test('of means is none when some keys never came, and of medians is infinite when most never did', () => {
    const lossy = [1, 2, Number.POSITIVE_INFINITY];
    expect(distribution(lossy, [1, 1, 1]).meanRatio).toBeUndefined();
    expect(distribution(lossy, lossy).meanRatio).toBeUndefined();
    const gone = [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(distribution(gone, [1, 1, 1]).ratio?.value).toBe(Number.POSITIVE_INFINITY);
    expect(distribution([1, 1, 1], gone).ratio?.value).toBe(0);
    expect(distribution(gone, [...gone]).ratio).toBeUndefined();
  });
});

/** Evenly over [0, 1): a hash of two numbers (the finalizer of MurmurHash3, public domain). */
function uniform(a: number, b: number): number {
  let hash = (a * 2654435761 + b * 40503) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
