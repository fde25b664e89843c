/**
 * Reads the sources and holds them to the rules that no compiler knows: which way the arrows go, what is pure, what a file looks like
 * (TigerBeetle's idea). A rule that gets in the way is to be changed here, in the open.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Lines of the longest file that still has one noun. */
const MAX_LINES = 450;
/** Who may import from whom, by top-level folder. */
const ARROWS: Record<string, readonly string[]> = {
  protocol: ['protocol'],
  client: ['client', 'protocol'],
  server: ['server', 'protocol'],
  bench: ['bench', 'client', 'server', 'protocol'],
  test: ['test', 'bench', 'client', 'server', 'protocol'],
};
/** Packages that run wherever the protocol does. */
const PURE_PACKAGES = /^(@noble\/(ciphers|curves|hashes|post-quantum)\/|fflate$)/;
const IMPURE =
  /\b(Date\b|Math\.random|performance\.|console\.|Buffer\b|process\.|setTimeout|setInterval|setImmediate|queueMicrotask|crypto\.getRandomValues|globalThis)/;
const NAMELESS = /^(utils?|helpers?|types|common|index|misc)\.ts$/;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '');
const sources = tracked
  .filter((name) => /^(protocol|client|server|bench|test)\/.*\.ts$/.test(name) && !name.endsWith('.d.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

/** Whatever breaks a rule, one line each: an empty list passes, and a failure names all. */
function offenders(rule: (source: { name: string; text: string }) => readonly string[]): string[] {
  return sources.flatMap((source) => rule(source).map((what) => `${source.name}: ${what}`));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap((match) => match[1] ?? []);
}

/** The code without comments and string contents, roughly: enough to look for names. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'[^'\n]*'|`[^`]*`/g, "''");
}

describe('the sources', () => {
  test('are there', () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  test('import along the arrows only', () => {
    const wrong = offenders(({ name, text }) => {
      const folder = name.split('/')[0] ?? '';
      return importsOf(text).filter((target) => {
        if (!target.startsWith('.')) return folder === 'protocol' && !PURE_PACKAGES.test(target);
        const into = normalize(join(dirname(name), target)).split('/')[0] ?? '';
        return !ARROWS[folder]?.includes(into);
      });
    });
    expect(wrong).toEqual([]);
  });

  test('name the file that defines a thing, with its ending', () => {
    expect(
      offenders(({ text }) =>
        importsOf(text).filter((target) => /^\.\.?\//.test(target) && !/\.(ts|json)$/.test(target)),
      ),
    ).toEqual([]);
  });

  test('of the protocol use no clock, no randomness and nothing of a host', () => {
    expect(
      offenders(({ name, text }) =>
        name.startsWith('protocol/') ? (codeOf(text).match(new RegExp(IMPURE, 'g')) ?? []) : [],
      ),
    ).toEqual([]);
  });

  test('begin with a paragraph that says what they are', () => {
    expect(
      offenders(({ name, text }) =>
        name.endsWith('.test.ts') || /^\/\*\*[\s\S]{30,}?\*\//.test(text) ? [] : ['no head comment'],
      ),
    ).toEqual([]);
  });

  test(`are named for one noun, in at most ${MAX_LINES} lines`, () => {
    const wrong = offenders(({ name, text }) => {
      const lines = text.split('\n').length;
      return [
        ...(NAMELESS.test(basename(name)) ? ['a name for anything'] : []),
        ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(basename(name)) ? [] : ['not in kebab case']),
        ...(lines > MAX_LINES ? [`${lines} lines`] : []),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('leave nothing undone or switched off', () => {
    const marks =
      /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|\b(test|describe|it)\.(only|skip|todo)\(/g;
    expect(offenders(({ name, text }) => (name.startsWith('test/tidy/') ? [] : (text.match(marks) ?? [])))).toEqual([]);
  });

  test('cite sections of SPEC.md that exist', () => {
    const spec = readFileSync(join(ROOT, 'protocol/SPEC.md'), 'utf8');
    const sections = new Set([...spec.matchAll(/^#+ (\d+(?:\.\d+)?)\b/gm)].map((match) => match[1]));
    expect(sections.size).toBeGreaterThan(12);
    const cited = offenders(({ text }) =>
      [...text.matchAll(/SPEC\.md §(\d+(?:\.\d+)?)/g)].flatMap((match) =>
        sections.has(match[1]) ? [] : [match[1] ?? ''],
      ),
    );
    expect(cited).toEqual([]);
  });
});

describe('the repository', () => {
  test('holds no path of one machine', () => {
    const paths = /(?<![\w.])\/(work|farm|root)\/|\/home\/(?!user\b|me\b|you\b|ada\b)\w+/;
    const text = tracked.filter(
      (name) =>
        /\.(ts|mjs|md|json|sh)$|run$/.test(name) && !name.startsWith('test/tidy/') && name !== 'package-lock.json',
    );
    expect(text.filter((name) => paths.test(readFileSync(join(ROOT, name), 'utf8')))).toEqual([]);
  });

  test('locks no registry', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });

  test('depends on nothing that it does not use', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const all = tracked
      .filter((name) => /\.(ts|mjs|json)$/.test(name) && !/^package/.test(name))
      .map((name) => readFileSync(join(ROOT, name), 'utf8'))
      .join('\n');
    const tools = ['typescript', '@types/node', '@types/ssh2', '@types/blessed'];
    const unused = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !tools.includes(name) && !all.includes(name),
    );
    expect(unused).toEqual([]);
  });
});
