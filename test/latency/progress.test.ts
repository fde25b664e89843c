import { describe, expect, test } from 'vitest';
import { PlainProgress } from '../../bench/latency/plain-progress.ts';
import { clock, millis, Progress, type ProgressEvent, percent } from '../../bench/latency/progress.ts';

const BEGUN: ProgressEvent = {
  kind: 'begun',
  links: ['lan', 'lte'],
  shells: ['rove', 'ssh'],
  turnsPerLink: 4,
  timeMs: 60_000,
};

function noted(...events: ProgressEvent[]): Progress {
  const progress = new Progress(1000);
  for (const event of events) progress.note(event);
  return progress;
}

function link(name: string): ProgressEvent {
  return { kind: 'link', name, title: `${name}, by name` };
}

function key(
  shownMs: number | null | undefined,
  kind: 'letter' | 'edit' | 'enter' | 'silent' = 'letter',
): ProgressEvent {
  return { kind: 'key', key: { kind, keys: 'x', atMs: 0, ...(shownMs === undefined ? {} : { shownMs }) } };
}

function turn(shell: string, ...events: ProgressEvent[]): ProgressEvent[] {
  return [{ kind: 'turn', shell, repetition: 0 }, ...events, { kind: 'turn-ended', promptMs: 300 }];
}

describe('the progress of a run', () => {
  test('counts a key that was never shown as the slowest of all', () => {
    const progress = noted(BEGUN, link('lan'), ...turn('ssh', key(10), key(null), key(null)));
    const ssh = progress.figures.find(({ shell }) => shell === 'ssh');
    expect(ssh).toMatchObject({ keys: 3, p50Ms: Number.POSITIVE_INFINITY, atOnce: 0 });
  });

  test('keeps letters, Enters and silent keys apart', () => {
    const events = [key(2), key(40, 'edit'), key(90, 'enter'), key(undefined, 'silent')];
    const rove = noted(BEGUN, link('lan'), ...turn('rove', ...events)).figures[0];
    expect(rove).toMatchObject({
      shell: 'rove',
      turns: 1,
      keys: 2,
      p90Ms: 40,
      atOnce: 1,
      enterP50Ms: 90,
      promptP50Ms: 300,
    });
  });

  test('begins the figures anew on each link', () => {
    const progress = noted(BEGUN, link('lan'), ...turn('ssh', key(10)), link('lte'));
    expect(progress.figures.map(({ shell, turns, keys }) => [shell, turns, keys])).toEqual([
      ['rove', 0, 0],
      ['ssh', 0, 0],
    ]);
    expect(progress.turnsDone).toBe(1);
  });

  test('expects the time left from the turns that were taken', () => {
    const progress = noted(BEGUN, link('lan'));
    expect(progress.leftMs(5000)).toBeUndefined();
    for (const event of [...turn('rove'), ...turn('ssh')]) progress.note(event);
    expect([progress.turnsPlanned, progress.share]).toEqual([8, 0.25]);
    expect(progress.leftMs(3000)).toBe(6000);
  });

  test('knows of turns beyond the plan, and of links that needed fewer', () => {
    const six = Array.from({ length: 3 }, () => [...turn('rove'), ...turn('ssh')]).flat();
    const progress = noted(BEGUN, link('lan'), ...six);
    expect(progress.turnsPlanned).toBe(10);
    progress.note(link('lte'));
    expect(progress.turnsPlanned).toBe(10);
    const early = noted(BEGUN, link('lan'), link('lte'), ...six);
    expect([early.turnsPlanned, early.share, early.leftMs(2000)]).toEqual([6, 1, 0]);
  });

  test('says where something failed', () => {
    const progress = noted(BEGUN, { kind: 'failure', why: 'mosh is not installed' }, link('lan'));
    const failing: ProgressEvent[] = [
      { kind: 'turn', shell: 'ssh', repetition: 0 },
      { kind: 'work', name: 'vim' },
      { kind: 'failure', why: 'gave up' },
    ];
    for (const event of failing) progress.note(event);
    expect(progress.failures).toEqual(['mosh is not installed', 'lan, ssh, vim: gave up']);
    expect(progress.figures.map(({ failures }) => failures)).toEqual([0, 1]);
  });

  test('keeps a bounded list of failures', () => {
    const progress = noted(BEGUN);
    for (let at = 0; at < 1000; at++) progress.note({ kind: 'failure', why: `${at}` });
    expect(progress.failures.length).toBeLessThan(100);
    expect(progress.failures.at(-1)).toBe('999');
  });

  test('writes a line a turn, and none a key', () => {
    const lines: string[] = [];
    const progress = new Progress(0);
    const view = new PlainProgress((line) => lines.push(line));
    let now = 0;
    const proved: ProgressEvent = {
      kind: 'proved',
      proof: { sent: 20, received: 19, rttMinMs: 1, rttMedianMs: 1.5, rttMaxMs: 2, loss: 0.05 },
    };
    const events = [BEGUN, link('lan'), proved, ...turn('ssh', key(10), key(12), key(90, 'enter'))];
    for (const event of [...events, { kind: 'stopping' } as const, { kind: 'done' } as const]) {
      now += 1000;
      progress.note(event);
      view.show(event, progress, now);
    }
    expect(lines.map((line) => line.slice(8).trimEnd())).toEqual([
      'rove, ssh on lan, lte: 8 turns or more',
      'lan: lan, by name (link 1 of 2)',
      '  ping: round trip 1.50 ms, 19 of 20 answered',
      '  ssh 1: keys p50 10.0, p90 12.0 ms, at once 0 %; Enter p50 90.0 ms; about 0:56 left',
      'stopping: what was measured until now will be written',
      'done',
    ]);
  });
});

describe('the words of progress', () => {
  test('tell times as clocks do', () => {
    expect([0, 7000, 754_000, 3_723_000, -5].map(clock)).toEqual(['0:00', '0:07', '12:34', '1:02:03', '0:00']);
  });

  test('tell what is not there from what never came', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, 1.734, 82.56, 371.2].map(millis)).toEqual([
      '-',
      'never',
      '1.73',
      '82.6',
      '371',
    ]);
    expect([Number.NaN, 0.954].map(percent)).toEqual(['-', '95 %']);
  });
});
