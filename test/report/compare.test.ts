import { describe, expect, test } from 'vitest';
import { PAPER_CONDITIONS } from '../../bench/latency/paper.ts';
import { compareReports } from '../../bench/report/compare.ts';
import { paperTable } from '../../bench/report/paper-table.ts';
import { syntheticReport } from './synthetic-report.ts';

describe('a comparison', () => {
  test('of a report with itself shows no change', () => {
    const report = syntheticReport({ seed: 2 });
    expect(compareReports(report, report)).toEqual([
      expect.stringContaining('compared with the report of 2026-11-22 18:30'),
      'nothing changed that is worth a line',
    ]);
  });

  test('marks the shells that became slower, and not the one that did not', () => {
    const [old, now] = [1, 2].map((slower) => syntheticReport({ seed: 2, links: ['singapore'], slower }));
    if (old === undefined || now === undefined) throw new Error('no reports');
    const lines = compareReports(old, now);
    const changed = (place: string) => lines.find((line) => line.startsWith(`singapore, all typed, ${place}`));
    expect(changed('ssh')).toMatch(/key p50 .*2\.00× +\*$/);
    expect(changed('mosh')).toBeDefined();
    expect(changed('rove')).toBeUndefined();
  });

  test('does not mark what chance explains', () => {
    const [old, now] = [11, 12].map((seed) => syntheticReport({ seed, links: ['singapore'], repetitions: 2 }));
    if (old === undefined || now === undefined) throw new Error('no reports');
    const marked = compareReports(old, now)
      .slice(1)
      .filter((line) => line.endsWith('*'));
    expect(marked).toEqual([]);
  });

  test('names what only one of them has', () => {
    const old = syntheticReport({ seed: 2, links: ['lan', 'lte'], shells: ['ssh', 'mosh'], repetitions: 1 });
    const now = syntheticReport({ seed: 2, links: ['lan'], shells: ['ssh', 'rove'], repetitions: 1 });
    const text = compareReports(old, now).join('\n');
    expect(text).toMatch(/no longer measured: .*lan, vim, mosh.*lte, vim, ssh/);
    expect(text).toMatch(/not measured then: .*lan, vim, rove/);
  });

  test('says when the machine, a version or a link is another', () => {
    const old = syntheticReport({ seed: 2, links: ['lan'], repetitions: 1 });
    const now = {
      ...old,
      machine: { ...old.machine, cores: 8 },
      shells: old.shells.map((shell) => (shell.name === 'ssh' ? { ...shell, version: 'ssh 2' } : shell)),
      links: old.links.map((link) => ({ ...link, asked: { rttMs: 2 } })),
    };
    const text = compareReports(old, now).join('\n');
    expect(text).toContain('another machine');
    expect(text).toContain('ssh was ssh 1.2.3, is ssh 2');
    expect(text).toContain('the link lan is another one now');
  });
});

describe('the table of the paper', () => {
  test('has every condition and every shell, measured or not', () => {
    const report = syntheticReport({ seed: 4, links: ['singapore'], repetitions: 1 });
    const lines = paperTable(report, PAPER_CONDITIONS);
    for (const { title } of PAPER_CONDITIONS) {
      const at = lines.indexOf(title);
      expect(at).toBeGreaterThan(0);
      expect(lines.slice(at + 2, at + 5).map((line) => line.split(' ')[0])).toEqual(['rove', 'ssh', 'mosh']);
    }
    const singapore = lines.indexOf('MIT to Singapore');
    expect(lines[singapore + 3]).toMatch(/ 27\d /);
    expect(lines[lines.indexOf('EV-DO (3G)') + 3]).toMatch(/^ssh +503 .*–$/);
  });
});
