import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { isBuilt } from '../../bench/installation.ts';
import { customShell, customShellMissing, MOSH, ROVE, SSH, withoutPrediction } from '../../bench/lab/shells.ts';

/** What a program is given, as `sh -c` makes of the command line. */
function wordsOf(command: string, target: { host?: string; port?: number; sshConfig?: string }): readonly string[] {
  const [file = '', ...args] = customShell('mine', `printf '%s\\n' ${command}`).commandLine(target);
  return execFileSync(file, args, { encoding: 'utf8' }).trimEnd().split('\n');
}

describe('a shell by its command line', () => {
  test('is told the host, the configuration, and an ssh that knows both', () => {
    const target = { host: 'ann@host', sshConfig: "/tmp/a b's/config" };
    expect(wordsOf('{host}', target)).toEqual(['ann@host']);
    expect(wordsOf('"{config}"', target)).toEqual(["/tmp/a b's/config"]);
    expect(wordsOf('{ssh} {host}', target)).toEqual(['ssh', '-F', "/tmp/a b's/config", 'ann@host']);
    expect(wordsOf('{ssh}', { host: 'host', port: 2222 })).toEqual(['ssh', '-p', '2222']);
  });

  test('is told of the lab when no host is named', () => {
    expect(wordsOf('{host}', {})).toEqual(['lab']);
  });

  test('keeps braces that mean something else', () => {
    expect(wordsOf("'{other}' '{}'", {})).toEqual(['{other}', '{}']);
  });

  test('says its version in one line, in time', () => {
    expect(customShell('b', 'bash -c true').version()).toMatch(/^GNU bash, version [^\n]+$/);
    expect(customShell('b', 'A=1 {ssh} {host}').version()).toMatch(/^OpenSSH/);
    expect(customShell('b', 'no-such-program {host}').version()).toBe('unknown');
    expect(customShell('b', 'yes').version()).not.toContain('\n');
  });

  test('is missing when its program is', () => {
    expect(customShellMissing('b', 'A=1 sh -c true')).toBeUndefined();
    expect(customShellMissing('b', 'no-such-program {host}')).toMatch(/^b is not there: .*no-such-program/);
  });
});

describe('the known shells', () => {
  test('go to a host with a port of its own', () => {
    expect(SSH.commandLine({ host: 'ann@host', port: 2222 })).toEqual(['ssh', '-p', '2222', 'ann@host']);
    expect(MOSH.commandLine({ host: 'host', port: 2222 })).toEqual(['mosh', '--ssh=ssh -p 2222', 'host']);
  });

  test('predict nothing when they are asked not to', () => {
    expect(withoutPrediction(MOSH).commandLine({ host: 'host' })).toContain('--predict=never');
    expect(withoutPrediction(MOSH).name).toBe('mosh');
    if (isBuilt('rove')) expect(withoutPrediction(ROVE).commandLine({ host: 'host' })).toContain('--predict=never');
    expect(withoutPrediction(SSH)).toBe(SSH);
  });
});
