import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlMemory, controlKey } from '../../../client/bootstrap/control-memory.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';

const PATH = '/home/me/.local/state/rove/host/socket-1.1-00112233445566778899aabbccddeeff';

let folder: string;
let file: string;
let memory: ControlMemory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rove-memory-'));
  file = join(folder, 'rove', 'control.json');
  memory = new ControlMemory(file);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the memory of control sockets', () => {
  it('holds what was kept, for its user alone', () => {
    expect(memory.find('a')).toBeUndefined();
    memory.keep('a', PATH);
    memory.keep('b', `${PATH}/b`);
    expect(new ControlMemory(file).find('a')).toBe(PATH);
    expect(memory.find('b')).toBe(`${PATH}/b`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(['control.json']);
  });

  it('forgets what is gone, and what the last session from here has left in order', () => {
    memory.keep('a', PATH);
    memory.keep('b', PATH);
    memory.forget('a');
    expect(memory.find('a')).toBeUndefined();
    memory.release('b');
    expect(memory.find('b')).toBeUndefined();
    memory.release('b');
    memory.forget('never known');
  });

  it('does not give what was found closed, until there is another', () => {
    memory.keep('a', PATH);
    memory.close('a');
    memory.close('never known');
    expect(memory.find('a')).toBeUndefined();
    memory.keep('a', PATH);
    expect(memory.find('a')).toBeUndefined();
    memory.keep('a', `${PATH}/b`);
    expect(memory.find('a')).toBe(`${PATH}/b`);
  });

  it('keeps what another session of this machine uses, as long as that lives', async () => {
    const other = spawn('sleep', ['100']);
    mkdirSync(dirname(file));
    writeFileSync(file, JSON.stringify([['a', { path: PATH, pids: [other.pid] }]]));
    memory.keep('a', PATH);
    memory.release('a');
    expect(memory.find('a')).toBe(PATH);
    memory.keep('a', PATH);
    other.kill();
    await once(other, 'exit');
    memory.release('a');
    expect(memory.find('a')).toBeUndefined();
  });

  it('is bounded, and the oldest go first', () => {
    for (let host = 0; host < 80; host++) memory.keep(`host ${host}`, PATH);
    expect(memory.find('host 15')).toBeUndefined();
    expect(memory.find('host 16')).toBe(PATH);
    expect(readFileSync(file).length).toBeLessThan(20_000);
  });

  it.each([
    '',
    'nonsense',
    '{}',
    'null',
    '[null, 7, [], ["a"], ["a", null], ["a", {}]]',
    '[["a", {"path": "relative", "pids": []}]]',
    '[["a", {"path": "/a\\u001b[2J", "pids": []}]]',
    '[["a", {"path": "/a", "pids": 7}]]',
    `[["a", {"path": "/a", "pids": []}]]${' '.repeat(300_000)}`,
  ])('takes a file that is no memory for an empty one: %.60j', (content) => {
    mkdirSync(dirname(file));
    writeFileSync(file, content);
    expect(memory.find('a')).toBeUndefined();
    memory.keep('a', PATH);
    expect(memory.find('a')).toBe(PATH);
  });

  it('does without where nothing can be written', () => {
    writeFileSync(join(folder, 'rove'), '');
    memory.keep('a', PATH);
    expect(memory.find('a')).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['rove']);
  });
});

describe('the key of a host', () => {
  const settings: Settings = { ...DEFAULT_SETTINGS, label: 'x', host: 'host', user: 'me' };
  const key = controlKey(settings, 'rove-server');

  it('is that of the same place, whatever it was called', () => {
    expect(controlKey({ ...settings, label: 'y', batch: true }, 'rove-server')).toBe(key);
    expect(key).not.toContain('host');
  });

  it.each<Partial<Settings>>([
    { host: 'other' },
    { user: 'you' },
    { port: 2222 },
    { proxyCommand: 'nc %h %p' },
    { jumps: [{ host: 'jump', user: undefined, port: undefined }] },
  ])('differs with %j', (change) => {
    expect(controlKey({ ...settings, ...change }, 'rove-server')).not.toBe(key);
  });

  it('differs with the server that is to be started', () => {
    expect(controlKey(settings, '/opt/rove-server')).not.toBe(key);
  });
});
