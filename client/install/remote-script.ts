/**
 * What the host's Node is made to run, from standard input: one function of this file at a time, sent as its own text. So each may use only
 * what it is given, and what every Node from 20.19 on has.
 */

import type { HostFacts } from './host-facts.ts';

/** What is to be put where. */
export interface InstallOrder {
  /** The folder of these contents, below `folder`. */
  readonly name: string;
  /** Of the archive, in hex. */
  readonly sha256: string;
  /** Below the home, with slashes. */
  readonly folder: string;
  /** The launcher's name in `folder`. */
  readonly launcher: string;
  /** A second launcher, below the home, unless something else has the name. */
  readonly commonLauncher: string;
}

/** How it went. `kept` is the path of something else that has the second launcher's name. */
export type InstallReport =
  | { readonly ok: true; readonly folder: string; readonly koffi: boolean; readonly kept?: string }
  | { readonly ok: false; readonly doing: string; readonly code: string; readonly message: string };

/** What stands before a report in the output. */
export const REPORT_MARK = 'ROVE-REPORT';

/** The script that reports the host's facts. */
export function factsScript(): string {
  return script(`(${readFacts})()`);
}

/** The script that installs `archive`. */
export function installScript(order: InstallOrder, archive: Uint8Array): string {
  const text = Buffer.from(archive.buffer, archive.byteOffset, archive.length).toString('base64');
  return script(`(${installServer})(require, ${JSON.stringify(order)}, "${text}")`);
}

/** In hexadecimal, between marks: whatever else a login shell prints. */
function script(call: string): string {
  const report = `Buffer.from(JSON.stringify(${call})).toString("hex")`;
  return `process.stdout.write("\\n${REPORT_MARK} " + ${report} + " .\\n");\n`;
}

/** Runs on the host. */
export function readFacts(): HostFacts {
  // Without the network's part, which looks names up, where Node knows the switch.
  Object.assign(process.report ?? {}, { excludeNetwork: true });
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: unknown } } | undefined;
  const libc = report?.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return {
    platform: process.platform,
    arch: process.arch,
    libc: process.platform === 'linux' ? libc : 'other',
    abi: Number(process.versions.modules),
    node: process.versions.node,
  };
}

/**
 * Runs on the host: unpacks `archive` (base64) into a folder that gets its name when all of it is there and has been tried out, makes the
 * launchers, and removes what earlier installations left and no process runs.
 */
export function installServer(load: NodeJS.Require, order: InstallOrder, archive: string): InstallReport {
  const fs = load('node:fs') as typeof import('node:fs');
  const { dirname, join } = load('node:path') as typeof import('node:path');
  const { createHash, randomBytes } = load('node:crypto') as typeof import('node:crypto');
  const { brotliDecompressSync } = load('node:zlib') as typeof import('node:zlib');
  const { execFileSync } = load('node:child_process') as typeof import('node:child_process');
  const home = (load('node:os') as typeof import('node:os')).homedir();

  const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;
  const TRIAL_MS = 20_000;
  const LEFTOVER_MS = 3_600_000;
  const OURS = '#!/bin/sh\n# Put here by rove, which replaces it when it installs its server again.\n';
  const PTY = 'node_modules/@homebridge/node-pty-prebuilt-multiarch/lib/prebuild-loader.js';
  const KOFFI = 'node_modules/koffi';

  /** Node's own, with its parents, says of a read-only file system that there is no such directory. */
  const makeFolder = (path: string, mode: number): void => {
    if (fs.existsSync(path)) return;
    makeFolder(dirname(path), 0o777);
    fs.mkdirSync(path, { mode });
  };

  const root = join(home, order.folder);
  const folder = join(root, order.name);
  const fresh = join(root, `.new-${randomBytes(6).toString('hex')}`);
  let doing = 'read the archive';
  try {
    const bytes = Buffer.from(archive, 'base64');
    if (createHash('sha256').update(bytes).digest('hex') !== order.sha256) throw new Error('it was damaged on its way');
    const contents = brotliDecompressSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
    const lineEnd = contents.indexOf(10);
    const index = JSON.parse(contents.toString('utf8', 0, lineEnd)) as { path: string; length: number }[];

    doing = `make ${root}`;
    makeFolder(dirname(root), 0o777);
    makeFolder(root, 0o700);
    const stat = fs.lstatSync(root);
    if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o022) !== 0) {
      throw new Error('it is there, but not a directory that you alone can write to');
    }

    doing = `write to ${root}`;
    let at = lineEnd + 1;
    for (const { path, length } of index) {
      const file = join(fresh, path);
      fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const fd = fs.openSync(file, 'wx', 0o600);
      fs.writeFileSync(fd, contents.subarray(at, at + length));
      fs.fsyncSync(fd);
      fs.closeSync(fd);
      at += length;
    }

    doing = 'load what was installed';
    const pty = load(join(fresh, PTY)) as { default?: { fork?: unknown } };
    if (typeof pty.default?.fork !== 'function') throw new Error('it is not the binary for terminals');
    let koffi = fs.existsSync(join(fresh, KOFFI));
    try {
      if (koffi) (load(join(fresh, KOFFI)) as { load(library: null): unknown }).load(null);
    } catch {
      // The server does without it.
      fs.rmSync(join(fresh, KOFFI), { recursive: true });
      koffi = false;
    }
    const program = join(fresh, 'dist', 'rove-server.mjs');
    execFileSync(process.execPath, [program, '--version'], { timeout: TRIAL_MS, stdio: 'pipe' });

    doing = `put it at ${folder}`;
    if (fs.existsSync(folder)) fs.renameSync(folder, `${fresh}-old`);
    fs.renameSync(fresh, folder);

    const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
    const node = quote(process.execPath);
    const run = `${quote(join(folder, 'dist', 'rove-server.mjs'))} "$@"`;
    // Node's path may go with its next version.
    const launcher = `${OURS}test -x ${node} && exec ${node} ${run}\nexec node ${run}\n`;
    const place = (path: string): void => {
      doing = `make ${path}`;
      makeFolder(dirname(path), 0o777);
      const temporary = `${path}.${randomBytes(6).toString('hex')}`;
      fs.writeFileSync(temporary, launcher, { flag: 'wx', mode: 0o755 });
      try {
        fs.chmodSync(temporary, 0o755);
        fs.renameSync(temporary, path);
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    };
    const isOurs = (path: string): boolean => {
      const found = fs.lstatSync(path, { throwIfNoEntry: false });
      if (found === undefined) return true;
      return found.isFile() && found.size < 65_536 && fs.readFileSync(path, 'utf8').startsWith(OURS);
    };
    place(join(root, order.launcher));
    const common = join(home, order.commonLauncher);
    const free = isOurs(common);
    if (free) place(common);

    doing = 'remove earlier installations';
    const launchers = [common, ...fs.readdirSync(root).map((name) => join(root, name))]
      .filter((path) => fs.lstatSync(path, { throwIfNoEntry: false })?.isFile() === true)
      .map((path) => fs.readFileSync(path, 'utf8'));
    const running = fs.existsSync('/proc/self/cmdline')
      ? fs
          .readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map((pid) => {
            try {
              return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
            } catch {
              return '';
            }
          })
      : undefined;
    for (const name of fs.readdirSync(root)) {
      const path = join(root, name);
      const isLeftover = /^\.new-[0-9a-f]{12}(-old)?$/.test(name);
      const age = Date.now() - (fs.lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (isLeftover && (age > LEFTOVER_MS || path === `${fresh}-old`))
        fs.rmSync(path, { recursive: true, force: true });
      if (!/^\d[\w.+-]*-[0-9a-f]{12}$/.test(name) || name === order.name) continue;
      const isInUse = (texts: readonly string[]): boolean => texts.some((text) => text.includes(`/${name}/`));
      if (running !== undefined && !isInUse(running) && !isInUse(launchers))
        fs.rmSync(path, { recursive: true, force: true });
    }
    return { ok: true, folder, koffi, ...(free ? {} : { kept: common }) };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    try {
      fs.rmSync(fresh, { recursive: true, force: true });
    } catch {
      // It is removed by the next installation.
    }
    return { ok: false, doing, code: String(code), message: String(message).slice(0, 500) };
  }
}
