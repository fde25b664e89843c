import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOG_LEVELS, Log, openLog } from '../../client/log.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rove-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log', () => {
  it('tells what its level wants, and names the level of what only a search for faults wants', () => {
    const told = (level: (typeof LOG_LEVELS)[number]): string[] => {
      const lines: string[] = [];
      const log = new Log(level, (line) => lines.push(line));
      for (const one of LOG_LEVELS) if (one !== 'quiet') log.tell(one, one);
      return lines;
    };
    expect(told('quiet')).toEqual([]);
    expect(told('info')).toEqual(['fatal', 'error', 'info']);
    expect(told('debug2')).toEqual(['fatal', 'error', 'info', 'verbose', 'debug1: debug1', 'debug2: debug2']);
  });

  it('makes what others say harmless, on one line', () => {
    const lines: string[] = [];
    new Log('info', (line) => lines.push(line)).tell('info', `a\u001b]0;title\u0007\nb${'c'.repeat(10_000)}`);
    expect(lines[0]).toMatch(/^a\]0;title bc{1000,}…$/);
  });

  it('goes to the end of a file that only its owner reads, whatever is drawn', () => {
    const file = join(folder, 'log');
    const shown: string[] = [];
    const open = openLog('info', file, (line) => shown.push(line));
    open.log.tell('info', 'one');
    open.setDrawn(true);
    open.log.tell('info', 'two');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    openLog('info', file, () => undefined).log.tell('info', 'three');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(shown).toEqual([]);
  });

  it('does not go where a session draws', () => {
    const shown: string[] = [];
    const { log, setDrawn } = openLog('info', undefined, (line) => shown.push(line));
    for (const isDrawn of [false, true, false]) {
      setDrawn(isDrawn);
      log.tell('info', `drawn ${isDrawn}`);
    }
    expect(shown).toEqual(['drawn false', 'drawn false']);
  });

  it('says in a line when there can be no such file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openLog('info', join(folder, 'file', 'log'), () => undefined)).toThrow(
      /^cannot write the log \(-E\): /,
    );
  });
});
