/** The scripts for the host, run by this machine's Node as the host's would, in a home of their own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isBuilt } from '../../../bench/installation.ts';
import { hostFacts } from '../../../client/install/host-facts.ts';
import { failureText } from '../../../client/install/installer.ts';
import {
  factsScript,
  type InstallOrder,
  type InstallReport,
  installScript,
  readFacts,
} from '../../../client/install/remote-script.ts';
import { COMMON_LAUNCHER, INSTALLED_FOLDER, LAUNCHER } from '../../../client/install/remote-words.ts';
import { packServer, type ServerArchive, serverFiles } from '../../../client/install/server-archive.ts';

const MAY_MOUNT = spawnSync('unshare', ['-m', 'true']).status === 0;
const UNBUILT = isBuilt('rove-server') ? '' : ' (skipped: node build/ensure.mjs has not run)';

let home: string;

beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'rove-install-')), "it's home");
  mkdirSync(home);
});

afterEach(() => rmSync(dirname(home), { recursive: true, force: true }));

/** Runs a script as the host's Node does, perhaps under a command of its own, and gives its report. */
function runScript(script: string, prefix: readonly string[] = []): unknown {
  const [file = '', ...args] = [...prefix, process.execPath, '-'];
  const { stdout, stderr } = spawnSync(file, args, { input: script, env: { HOME: home, PATH: '/usr/bin:/bin' } });
  const hex = /\nROVE-REPORT ([0-9a-f]+) \.\n/.exec(stdout.toString())?.[1];
  if (hex === undefined) throw new Error(`no report: ${stdout} ${stderr}`);
  return JSON.parse(Buffer.from(hex, 'hex').toString());
}

describe('the facts of a host', () => {
  it('are told as they are', () => {
    expect(hostFacts(runScript(factsScript()))).toEqual(readFacts());
    expect(readFacts()).toMatchObject({ platform: process.platform, arch: process.arch, node: process.versions.node });
  });

  it.each([
    undefined,
    'linux',
    {},
    { ...readFacts(), platform: '../../etc' },
    { ...readFacts(), arch: 'x64/..' },
    { ...readFacts(), abi: 1.5 },
    { ...readFacts(), abi: '115' },
    { ...readFacts(), libc: 'uclibc' },
    { ...readFacts(), node: '20.19.0\u001b[2J' },
  ])('are refused when they are not such: %j', (value) => {
    expect(hostFacts(value)).toBeUndefined();
  });
});

describe.skipIf(UNBUILT !== '')(`the archive${UNBUILT}`, () => {
  it('holds the binaries for all versions of Node that the host may get, of its platform alone', () => {
    const paths = serverFiles({ ...readFacts(), platform: 'linux', arch: 'arm64', libc: 'musl' }).map(
      ({ path }) => path,
    );
    expect(paths).toContain('dist/rove-server.mjs');
    expect(paths.filter((path) => path.endsWith('.node')).length).toBeGreaterThan(4);
    const musl = packServer({ ...readFacts(), platform: 'linux', libc: 'musl' });
    const glibc = packServer({ ...readFacts(), platform: 'linux', libc: 'glibc' });
    expect(musl.name).not.toBe(glibc.name);
    expect(musl.name).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(packServer({ ...readFacts(), platform: 'linux', libc: 'glibc' })).toEqual(glibc);
  });

  it('is refused with a line for a platform or a Node without binaries', () => {
    expect(() => packServer({ ...readFacts(), platform: 'plan9' })).toThrow(/no binary for Node .* on plan9 .*npm/);
    expect(() => packServer({ ...readFacts(), abi: 83 })).toThrow(/no binary for Node/);
  });
});

describe.skipIf(UNBUILT !== '')(`the installation${UNBUILT}`, () => {
  let archive: ServerArchive;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    archive = packServer(readFacts());
  });

  afterAll(() => {
    for (const child of children) child.kill();
  });

  function install(changes: Partial<InstallOrder> = {}, prefix: readonly string[] = []): InstallReport {
    const order: InstallOrder = {
      name: archive.name,
      sha256: archive.sha256,
      folder: INSTALLED_FOLDER,
      launcher: LAUNCHER,
      commonLauncher: COMMON_LAUNCHER,
      ...changes,
    };
    return runScript(installScript(order, archive.bytes), prefix) as InstallReport;
  }

  function failure(report: InstallReport): string {
    if (report.ok) throw new Error('it was installed');
    const text = failureText('host', report);
    expect(text).not.toContain('\n');
    return text;
  }

  const at = (...names: string[]): string => join(home, ...names);
  const mode = (path: string): number => statSync(path).mode & 0o777;

  it('gives a server that runs, for its user alone, by two launchers', () => {
    const folder = at(INSTALLED_FOLDER, archive.name);
    expect(install()).toEqual({ ok: true, folder, koffi: true });
    for (const launcher of [at(INSTALLED_FOLDER, LAUNCHER), at(COMMON_LAUNCHER)]) {
      const { stdout, stderr } = spawnSync(launcher, ['--version'], { env: { PATH: '/nowhere' }, encoding: 'utf8' });
      expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^rove-server \d/), stderr: '' });
      expect(mode(launcher)).toBe(0o755);
    }
    expect(mode(at(INSTALLED_FOLDER))).toBe(0o700);
    expect(mode(folder)).toBe(0o700);
    expect(mode(join(folder, 'dist', 'rove-server.mjs'))).toBe(0o600);
    expect(readdirSync(at(INSTALLED_FOLDER)).sort()).toEqual([archive.name, LAUNCHER]);
    expect(readdirSync(dirname(at(COMMON_LAUNCHER)))).toEqual(['rove-server']);
  });

  it('may be done again, over one that was damaged', () => {
    install();
    const program = at(INSTALLED_FOLDER, archive.name, 'dist', 'rove-server.mjs');
    writeFileSync(program, 'damaged');
    expect(install()).toMatchObject({ ok: true });
    expect(readFileSync(program).length).toBeGreaterThan(100_000);
    expect(readdirSync(at(INSTALLED_FOLDER)).sort()).toEqual([archive.name, LAUNCHER]);
  });

  it('leaves alone what others have called rove-server', () => {
    mkdirSync(dirname(at(COMMON_LAUNCHER)), { recursive: true });
    for (const make of [
      () => writeFileSync(at(COMMON_LAUNCHER), '#!/bin/sh\necho mine\n', { mode: 0o755 }),
      () => symlinkSync('/usr/bin/env', at(COMMON_LAUNCHER)),
      () => mkdirSync(at(COMMON_LAUNCHER)),
    ]) {
      make();
      const before = statSync(at(COMMON_LAUNCHER)).ino;
      expect(install()).toMatchObject({ ok: true, kept: at(COMMON_LAUNCHER) });
      expect(statSync(at(COMMON_LAUNCHER)).ino).toBe(before);
      expect(existsSync(at(INSTALLED_FOLDER, LAUNCHER))).toBe(true);
      rmSync(at(COMMON_LAUNCHER), { recursive: true });
    }
  });

  it('removes earlier ones that nobody uses, and none that a process runs or a launcher starts', () => {
    const earlier = ['0.0.1-aaaaaaaaaaaa', '0.0.2-bbbbbbbbbbbb', '0.0.3-cccccccccccc'];
    for (const name of [...earlier, 'notes', '.new-0123456789ab']) {
      mkdirSync(at(INSTALLED_FOLDER, name), { recursive: true, mode: 0o700 });
    }
    writeFileSync(
      at(INSTALLED_FOLDER, 'rove-server-0'),
      `exec node '${at(INSTALLED_FOLDER, earlier[1] ?? '')}/x' "$@"\n`,
    );
    const running = at(INSTALLED_FOLDER, earlier[2] ?? '', 'run.mjs');
    writeFileSync(running, 'setInterval(() => {}, 1000)');
    children.push(spawn(process.execPath, [running], { stdio: 'ignore' }));
    expect(install()).toMatchObject({ ok: true });
    // What was begun a moment ago may be another installation at work.
    expect(readdirSync(at(INSTALLED_FOLDER)).sort()).toEqual(
      ['.new-0123456789ab', ...earlier.slice(1), archive.name, 'notes', 'rove-server-0', LAUNCHER].sort(),
    );
  });

  it('comes to nothing, and leaves nothing, when the archive is not whole', () => {
    const order = { name: archive.name, sha256: archive.sha256, folder: INSTALLED_FOLDER, launcher: LAUNCHER };
    const broken = installScript({ ...order, commonLauncher: COMMON_LAUNCHER }, archive.bytes.slice(0, -1));
    expect(failure(runScript(broken) as InstallReport)).toMatch(/could not read the archive: it was damaged/);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is refused where others may write', () => {
    mkdirSync(at(INSTALLED_FOLDER), { recursive: true });
    chmodSync(at(INSTALLED_FOLDER), 0o777);
    expect(failure(install())).toMatch(/not a directory that you alone can write to/);
    rmSync(at(INSTALLED_FOLDER), { recursive: true });
    writeFileSync(at(INSTALLED_FOLDER), '');
    expect(failure(install())).toMatch(/could not make .*rove: /);
  });

  describe.skipIf(!MAY_MOUNT)(`on a file system${MAY_MOUNT ? '' : ' (skipped: this needs the right to mount)'}`, () => {
    /** The report of an installation into a home on a file system with `options`. */
    function installOn(options: string): InstallReport {
      const mount = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`;
      return install({}, ['unshare', '-m', 'sh', '-c', mount, home]);
    }

    it('that is full, says so', () => {
      expect(failure(installOn('size=512k'))).toMatch(/could not write to .*: the disk is full/);
    });

    it('that is read-only, says so', () => {
      expect(failure(installOn('ro'))).toMatch(/could not make .*: the file system is read-only/);
    });

    it('that holds no programs, says so', () => {
      expect(failure(installOn('noexec'))).toMatch(/could not load .*: the home may hold no programs .*noexec/);
    });
  });
});
