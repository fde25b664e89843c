import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  judge,
  knownHostLine,
  knownName,
  knownTypes,
  otherNames,
  parseKnownHosts,
  wildcardMatch,
} from '../../../client/ssh/host-keys/known-hosts.ts';

const KEY = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIKtUZTPJ8lcRyYnxX0xVXpRrHbPRYQMxO6tqSlxSkCNs', 'base64');
const OTHER = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIAx0uUBVDmJAoCCzNdwSQ5DqFkSYnNPV4LH8Yy1jIhVf', 'base64');
const TYPE = 'ssh-ed25519';
const LINE = `${TYPE} ${KEY.toString('base64')}`;

function verdict(text: string, name: string, key = KEY): string {
  return judge(parseKnownHosts(text, 'file'), name, TYPE, key).kind;
}

describe('known_hosts', () => {
  it('knows a host by its name, its address, and its name on a port', () => {
    const text = `host.example,192.0.2.1 ${LINE} comment with words\n[host.example]:2222\t${LINE}\n`;
    expect(verdict(text, 'host.example')).toBe('known');
    expect(verdict(text, '192.0.2.1')).toBe('known');
    expect(verdict(text, '[host.example]:2222')).toBe('known');
    expect(verdict(text, '[host.example]:2223')).toBe('unknown');
    expect(verdict(text, 'host.example.org')).toBe('unknown');
  });

  it('reads wildcards and lets a negated pattern rule a line out', () => {
    const text = `*.example,!bad.example,web? ${LINE}\n`;
    expect(verdict(text, 'good.example')).toBe('known');
    expect(verdict(text, 'bad.example')).toBe('unknown');
    expect(verdict(text, 'web1')).toBe('known');
    expect(verdict(text, 'web12')).toBe('unknown');
  });

  it('says where a key that differs stands', () => {
    const text = `# mine\n\nhost ${LINE}\n`;
    expect(judge(parseKnownHosts(text, '/f'), 'host', TYPE, OTHER)).toMatchObject({
      kind: 'changed',
      entry: { file: '/f', line: 3 },
    });
  });

  it('takes any of several keys of one type', () => {
    const text = `host ${TYPE} ${OTHER.toString('base64')}\nhost ${LINE}\n`;
    expect(verdict(text, 'host')).toBe('known');
    expect(verdict(text, 'host', OTHER)).toBe('known');
  });

  it('does not take a key of another type for a change', () => {
    const entries = parseKnownHosts(`host ecdsa-sha2-nistp256 AAAA\n`, 'file');
    expect(judge(entries, 'host', TYPE, KEY)).toMatchObject({
      kind: 'unknown',
      others: [{ keyType: 'ecdsa-sha2-nistp256' }],
    });
    expect(knownTypes(entries, 'host')).toEqual(['ecdsa-sha2-nistp256']);
  });

  it('refuses a revoked key even where another line knows it', () => {
    const text = `host ${LINE}\n@revoked * ${LINE}\n`;
    expect(verdict(text, 'host')).toBe('revoked');
    expect(verdict(text, 'host', OTHER)).toBe('changed');
  });

  it('does not take the key of an authority for that of a host', () => {
    const text = `@cert-authority * ${LINE}\n@new-marker * ${LINE}\n`;
    expect(verdict(text, 'host')).toBe('unknown');
    expect(knownTypes(parseKnownHosts(text, 'file'), 'host')).toEqual([]);
  });

  it('names a host in lower case, with the port if it is not 22', () => {
    expect(knownName('Host.Example', 22)).toBe('host.example');
    expect(knownName('::1', 2222)).toBe('[::1]:2222');
  });

  it('finds a line that it has written, hashed or not', () => {
    for (const hashed of [true, false]) {
      const line = knownHostLine('[host]:2222', TYPE, KEY, hashed);
      expect(line.includes('host')).toBe(!hashed);
      expect(verdict(line, '[host]:2222')).toBe('known');
      expect(verdict(line, 'host')).toBe('unknown');
    }
  });

  it('tells the other names of a key and keeps hashed ones to itself', () => {
    const entries = parseKnownHosts(`a,b ${LINE}\n${knownHostLine('c', TYPE, KEY, true)}`, 'f');
    expect(otherNames(entries, KEY, 4)).toEqual(['f:1: a,b', 'f:2: [hashed name]']);
    expect(otherNames(entries, KEY, 1)).toHaveLength(1);
  });

  it('passes over whatever else stands in a file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 20 }), (text, name) => {
        judge(parseKnownHosts(`${text}\nhost ${LINE}\n`, 'file'), name, TYPE, KEY);
        expect(verdict(`${text}\nhost ${LINE}\n`, 'host')).not.toBe('unknown');
      }),
    );
    expect(parseKnownHosts(`host 2048 35 1234\nhost ${TYPE}\n@revoked\n${'x'.repeat(20_000)} ${LINE}`, 'f')).toEqual(
      [],
    );
  });

  describe.skipIf(!existsSync('/usr/bin/ssh-keygen'))('beside ssh-keygen', () => {
    const directory = mkdtempSync(join(tmpdir(), 'rove-known-'));
    const file = join(directory, 'known_hosts');
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    it('finds the names that ssh-keygen has hashed, and ssh-keygen those hashed here', () => {
      writeFileSync(file, `host.example,192.0.2.1 ${LINE}\n[host]:2222 ${LINE}\n`);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
      const hashed = readFileSync(file, 'utf8');
      expect(hashed).not.toContain('host');
      for (const name of ['host.example', '192.0.2.1', '[host]:2222']) expect(verdict(hashed, name)).toBe('known');
      expect(verdict(hashed, 'host')).toBe('unknown');

      writeFileSync(file, knownHostLine('[other]:2200', TYPE, KEY, true));
      const found = execFileSync('ssh-keygen', ['-F', '[other]:2200', '-f', file], { encoding: 'utf8' });
      expect(found).toContain('line 1');
    });
  });
});

describe('wildcards', () => {
  it('match as the regular expressions that they stand for', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (wild, name) => {
        const twin = wild.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        expect(wildcardMatch(wild, name)).toBe(new RegExp(`^${twin}$`).test(name));
      }),
    );
  });
});
