import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MEASURES } from '../../bench/measure/result.ts';
import { defaultBaseName, formatReport, parseReport, readReport, writeReport } from '../../bench/report/json-file.ts';
import { syntheticReport } from './synthetic-report.ts';

const report = syntheticReport({ seed: 7, repetitions: 1, keysPerWork: 12 });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rove-report-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The report as JSON, with one thing changed at a path such as `links.0.name`; undefined takes it away. */
function changed(path: string, value: unknown): string {
  const copy: unknown = JSON.parse(formatReport(report));
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let inner: unknown = copy;
  for (const step of steps) inner = Reflect.get(Object(inner), step);
  Reflect.set(Object(inner), last, value);
  return JSON.stringify(copy);
}

describe('the file', () => {
  test('reads back as it was, to the nanosecond', async () => {
    const file = join(folder, 'a.json');
    await writeReport(file, report);
    const read = await readReport(file);
    expect(formatReport(read)).toBe(formatReport(report));
    const [key, was] = [read, report].map(({ links }) => links[1]?.turns[0]?.works[0]?.keys[0]);
    expect(key?.shownMs).toBeCloseTo(was?.shownMs ?? Number.NaN, 6);
    expect({ ...key, shownMs: 0 }).toEqual({ ...was, shownMs: 0 });
  });

  test('has a line for every key', () => {
    const keys = report.links.flatMap(({ turns }) => turns.flatMap(({ works }) => works.flatMap((work) => work.keys)));
    expect(formatReport(report).match(/^ *\{"kind": .*\},?$/gm)).toHaveLength(keys.length);
  });

  test('is never written over another without being asked, and leaves no draft', async () => {
    const file = join(folder, 'a.json');
    await writeFile(file, 'precious');
    await expect(writeReport(file, report)).rejects.toThrow('is there already: choose another name');
    expect(await readFile(file, 'utf8')).toBe('precious');
    await writeReport(file, report, true);
    expect((await readReport(file)).seed).toBe(report.seed);
    expect((await stat(file)).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('needs a directory to be in', async () => {
    await expect(writeReport(join(folder, 'none', 'a.json'), report)).rejects.toThrow('is not a directory: make it');
    await expect(writeReport(folder, report, true)).rejects.toThrow('is a directory: name a file');
  });

  test('is named for when it was begun', () => {
    expect(defaultBaseName('2026-11-22T18:30:12.345Z')).toBe('rove-bench-2026-11-22T18-30');
  });

  test.each([
    ['{', 'old.json is not JSON: give a file that rove bench wrote'],
    ['[]', 'old.json: not a report of rove bench: give the .json that it wrote'],
    ['null', 'old.json: not a report of rove bench: give the .json that it wrote'],
    [changed('format', 'rove-bench/2'), 'old.json: its format is rove-bench/2, and this version reads rove-bench/1'],
    [changed('machine', undefined), 'old.json: machine is missing'],
    [changed('links.1.turns.0.shell', undefined), 'old.json: links[1].turns[0].shell is missing'],
    [changed('links.0.turns.1.works.0.keys.3.shownMs', '4'), 'keys[3].shownMs is not a number of 0 or more'],
    [changed('links.0.turns.1.works.0.keys.3.atMs', -1), 'keys[3].atMs is not a number of 0 or more'],
    [changed('links.0.turns.1.works.0.keys.3.kind', 'chord'), 'keys[3].kind is not one of letter, edit'],
    [changed('links.0.turns', {}), 'links[0].turns is not a list'],
    [changed('shells.0.name', 'ssh'), 'shells has a name twice'],
    [changed('links.0.name', 'singapore'), 'links has a name twice'],
    [changed('baseline', 'telnet'), 'baseline is none of the shells'],
    [changed('links.0.turns.2.shell', 'telnet'), 'links[0].turns[2].shell is none of the shells'],
  ])('that is wrong is refused with the place where it is (%#)', (text, message) => {
    const read = () => parseReport(text, 'old.json');
    expect(read).toThrow(message);
    expect(read).toThrow(/^[^\n]+$/);
  });

  test('of a version that adds fields is read', () => {
    expect(parseReport(changed('links.0.turns.0.works.0.measures.newMs', 3), 'a').seed).toBe(7);
    expect(parseReport(changed('machine.gpu', 'none'), 'a').machine.cores).toBe(4);
  });

  test('that is not there, or is something else, is said in a line', async () => {
    await expect(readReport(join(folder, 'none.json'))).rejects.toThrow(/^cannot read .*none\.json: /);
    await expect(readReport(folder)).rejects.toThrow(/^cannot read /);
  });
});

test('SCHEMA.md describes every field that a report has', async () => {
  const schema = await readFile(new URL('../../bench/report/SCHEMA.md', import.meta.url), 'utf8');
  const names = new Set(Object.keys(MEASURES));
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, entry] of Object.entries(value)) {
      if (!Array.isArray(value)) names.add(name);
      // The names in these are not of the format.
      if (name !== 'asked') collect(entry);
    }
  };
  collect({ ...report, failure: '', wrongMs: 0 });
  expect([...names].filter((name) => !schema.includes(`\`${name}\``))).toEqual([]);
});
