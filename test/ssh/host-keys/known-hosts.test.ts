import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  authorityOf,
  entriesFor,
  judge,
  type KnownHost,
  knownHostLines,
  knownName,
  otherNames,
  parseKnownHosts,
  revocationOf,
} from '../../../client/ssh/host-keys/known-hosts.ts';
import { wildcardMatch } from '../../../client/ssh/patterns.ts';

const KEY = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIKtUZTPJ8lcRyYnxX0xVXpRrHbPRYQMxO6tqSlxSkCNs', 'base64');
const OTHER = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIAx0uUBVDmJAoCCzNdwSQ5DqFkSYnNPV4LH8Yy1jIhVf', 'base64');
const TYPE = 'ssh-ed25519';
const ECDSA = 'ecdsa-sha2-nistp256';
// What comes behind the type does not matter to these tests.
const ECDSA_LINE = `${ECDSA} ${Buffer.concat([Buffer.of(0, 0, 0, ECDSA.length), Buffer.from(ECDSA)]).toString('base64')}`;
const LINE = `${TYPE} ${KEY.toString('base64')}`;

function lines(text: string, name: string): KnownHost[] {
  return entriesFor(parseKnownHosts(text, 'file'), name);
}

function verdict(text: string, name: string, key = KEY): string {
  return judge(lines(text, name), key).kind;
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
    expect(judge(lines(text, 'host'), OTHER)).toMatchObject({
      kind: 'changed',
      offending: [{ file: 'file', line: 3 }],
    });
  });

  it('takes any of several keys of one type', () => {
    const text = `host ${TYPE} ${OTHER.toString('base64')}\nhost ${LINE}\n`;
    expect(verdict(text, 'host')).toBe('known');
    expect(verdict(text, 'host', OTHER)).toBe('known');
  });

  it('takes a key of a type that was not known before for a change, so that no server can choose an unknown one', () => {
    const text = `host ${ECDSA_LINE}\nhost ${TYPE} ${OTHER.toString('base64')}\n`;
    expect(judge(lines(`host ${ECDSA_LINE}`, 'host'), KEY)).toMatchObject({
      kind: 'changed',
      offending: [{ keyType: ECDSA }],
    });
    // The line to look at first is that of the same type.
    expect(judge(lines(text, 'host'), KEY)).toMatchObject({
      kind: 'changed',
      offending: [{ keyType: TYPE }, { keyType: ECDSA }],
    });
  });

  it('finds a revoked key even where another line knows it, and in whatever way it is written', () => {
    const text = `host ${LINE}\n@revoked * ${LINE}\n`;
    expect(revocationOf(lines(text, 'host'), [OTHER, KEY])).toMatchObject({ marker: 'revoked', line: 2 });
    expect(revocationOf(lines(text, 'host'), [OTHER])).toBeUndefined();
    expect(verdict(text, 'host', OTHER)).toBe('changed');
    // 51 bytes and no padding; with one byte more the bits that pad it may be anything.
    const odd = `${Buffer.concat([KEY, Buffer.of(0)])
      .toString('base64')
      .replace('AA==', 'AP==')}`;
    expect(revocationOf(lines(`@revoked * ${TYPE} ${odd}`, 'h'), [Buffer.concat([KEY, Buffer.of(0)])])).toBeDefined();
  });

  it('does not take the key of an authority for that of a host, nor the other way round', () => {
    const text = `@cert-authority *.example,!bad.example ${LINE}\n@new-marker * ${LINE}\nhost.example ${TYPE} ${OTHER.toString('base64')}\n`;
    expect(verdict(text, 'host.example')).toBe('changed');
    expect(authorityOf(lines(text, 'host.example'), KEY)).toMatchObject({ line: 1 });
    expect(authorityOf(lines(text, 'bad.example'), KEY)).toBeUndefined();
    expect(authorityOf(lines(text, 'host.example'), OTHER)).toBeUndefined();
  });

  it('names a host in lower case, with the port if it is not 22', () => {
    expect(knownName('Host.Example', 22)).toBe('host.example');
    expect(knownName('::1', 2222)).toBe('[::1]:2222');
  });

  it('finds a line that it has written, hashed or not', () => {
    for (const hashed of [true, false]) {
      const line = knownHostLines(['[host]:2222'], KEY, hashed);
      expect(line.includes('host')).toBe(!hashed);
      expect(verdict(line, '[host]:2222')).toBe('known');
      expect(verdict(line, 'host')).toBe('unknown');
    }
  });

  it('tells the other names of a key and keeps hashed ones to itself', () => {
    const entries = parseKnownHosts(`a,b ${LINE}\n${knownHostLines(['c'], KEY, true)}`, 'f');
    expect(otherNames(entries, KEY)).toEqual(['f:1: a,b', 'f:2: [hashed name]']);
    expect(otherNames(entries, OTHER)).toEqual([]);
  });

  it('passes over whatever else stands in a file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 20 }), (text, name) => {
        judge(lines(text, name), KEY);
        expect(verdict(`${text}\nhost ${LINE}\n`, 'host')).not.toBe('unknown');
      }),
    );
    expect(
      parseKnownHosts(
        `host 2048 35 1234\nhost ${TYPE}\nhost ssh-rsa ${KEY.toString('base64')}\n@revoked\n${'x'.repeat(20_000)} ${LINE}`,
        'f',
      ),
    ).toEqual([]);
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

      writeFileSync(file, knownHostLines(['[other]:2200', '192.0.2.7'], KEY, true));
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
