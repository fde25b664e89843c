/**
 * All that a host needs to run rove-server, in one file: the bundled program, and the native addons in the form that the host's Node loads.
 * The addon for terminals comes for every version of Node that there is a binary for: they are alike, so that seven more weigh 7 KB, and
 * the server goes on when the host's Node is updated.
 *
 * The archive is a line of JSON, `[{"path":…,"length":…}…]`, and the contents one after another, compressed with Brotli.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { UserError } from '../user-error.ts';
import { programVersion } from '../version.ts';
import type { HostFacts } from './host-facts.ts';
import { dependencyFolder, packageFolder } from './own-files.ts';

/** One file of it; `path` is relative, with slashes. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The archive, ready to be sent. */
export interface ServerArchive {
  /** Names these very contents: the version and the beginning of their hash. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, in hex. */
  readonly sha256: string;
}

const PTY = '@homebridge/node-pty-prebuilt-multiarch';
const KOFFI = 'koffi';
/** Digits of the hash in the name. */
const HASH_DIGITS = 12;
/** Of Brotli's 11: the last two are ten times as slow, for 15 percent. */
const QUALITY = 7;

/** Packs the server for a host. Throws `UserError` when there are no binaries for it here. */
export function packServer(host: HostFacts): ServerArchive {
  const files = serverFiles(host);
  const index = JSON.stringify(files.map(({ path, bytes }) => ({ path, length: bytes.length })));
  const contents = Buffer.concat([Buffer.from(`${index}\n`), ...files.map(({ bytes }) => bytes)]);
  const bytes = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } });
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, HASH_DIGITS);
  return {
    name: `${programVersion()}-${hash}`,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** What is packed. */
export function serverFiles(host: HostFacts): PackedFile[] {
  const json = (path: string, value: object): PackedFile => ({ path, bytes: Buffer.from(JSON.stringify(value)) });
  const program = join(packageFolder(), 'dist', 'rove-server.mjs');
  if (!existsSync(program)) throw new UserError(`${program} is missing here: build rove, or install it anew`);
  return [
    json('package.json', { name: 'rove', version: programVersion(), type: 'module', private: true }),
    { path: 'dist/rove-server.mjs', bytes: readFileSync(program) },
    ...ptyFiles(host),
    ...koffiFiles(host),
  ];
}

/** A package of the same name, of which the server loads one file. */
function ptyFiles(host: HostFacts): PackedFile[] {
  const from = dependencyFolder(PTY);
  const binaries =
    from === undefined ? [] : ptyBinaries(join(from, 'prebuilds', `${host.platform}-${host.arch}`), host);
  if (from === undefined || !binaries.some(({ abi }) => abi === host.abi)) {
    throw new UserError(
      `rove has no binary for Node ${host.node} on ${host.platform} ${host.arch} to send: install rove there with npm, or a Node of another version (20, 22 or 24)`,
    );
  }
  const into = `node_modules/${PTY}`;
  const loader = "exports.default = require('../pty-' + process.versions.modules + '.node');\n";
  return [
    { path: `${into}/package.json`, bytes: Buffer.from(JSON.stringify({ name: PTY, main: 'lib/prebuild-loader.js' })) },
    { path: `${into}/LICENSE`, bytes: readFileSync(join(from, 'LICENSE')) },
    { path: `${into}/lib/prebuild-loader.js`, bytes: Buffer.from(loader) },
    ...binaries.map(({ file, abi }) => ({ path: `${into}/pty-${abi}.node`, bytes: readFileSync(file) })),
  ];
}

function ptyBinaries(folder: string, host: HostFacts): { file: string; abi: number }[] {
  if (!existsSync(folder)) return [];
  const name = host.libc === 'musl' ? /^node\.abi(\d+)\.musl\.node$/ : /^node\.abi(\d+)\.node$/;
  return readdirSync(folder).flatMap((entry) => {
    const abi = name.exec(entry)?.[1];
    return abi === undefined ? [] : [{ file: join(folder, entry), abi: Number(abi) }];
  });
}

/** Only if this machine has the host's: npm installs those of one platform. The server does without, see server/libc.ts. */
function koffiFiles(host: HostFacts): PackedFile[] {
  const library = dependencyFolder(KOFFI);
  if (library === undefined) return [];
  const from = dependencyFolder(`@koromix/koffi-${host.platform}-${host.arch}`, library);
  if (from === undefined) return [];
  const triplet = host.libc === 'musl' ? `musl_${host.arch}` : `${host.platform}_${host.arch}`;
  const binary = join(from, triplet, 'koffi.node');
  if (!existsSync(binary)) return [];
  const into = `node_modules/${KOFFI}`;
  return [
    { path: `${into}/package.json`, bytes: Buffer.from(JSON.stringify({ name: KOFFI, main: 'index.cjs' })) },
    { path: `${into}/LICENSE.txt`, bytes: readFileSync(join(library, 'LICENSE.txt')) },
    { path: `${into}/index.cjs`, bytes: Buffer.from("module.exports = require('./koffi.node');\n") },
    { path: `${into}/koffi.node`, bytes: readFileSync(binary) },
  ];
}
