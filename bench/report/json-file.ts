/**
 * The report as a JSON file: every single key, for whoever wants to compute something else of it. SCHEMA.md describes the fields.
 * One key a line, so that it can be looked at and compared by line; whole or not at all on the disk; checked when it is read.
 */

import { readFile, stat } from 'node:fs/promises';
import { FORMAT, type Report } from '../measure/result.ts';
import { STROKE_KINDS } from '../work/stroke.ts';
import { writeWhole } from './file-writer.ts';
import { amount, anyNumber, listOf, mapOf, oneOf, optional, orNull, record, type Shape, text, truth } from './shape.ts';

/** Some two million keys: months of measuring. A larger file is something else. */
const FILE_BYTES_MAX = 256 * 2 ** 20;

const usage = record({ cpuSeconds: amount, peakMemoryBytes: amount });

const key = record({
  kind: oneOf(STROKE_KINDS),
  keys: text,
  atMs: amount,
  shownMs: optional(orNull(amount)),
  wrongMs: optional(amount),
});

const work = record({
  work: text,
  keys: listOf(key),
  measures: mapOf(orNull(amount)),
  traffic: optional(record({ upPackets: amount, upBytes: amount, downPackets: amount, downBytes: amount })),
  durationMs: amount,
  failure: optional(text),
});

const turn = record({
  shell: text,
  repetition: amount,
  seed: anyNumber,
  startedMs: amount,
  promptMs: orNull(amount),
  works: listOf(work),
  client: optional(usage),
  server: optional(usage),
  failure: optional(text),
});

const proof = record({
  sent: amount,
  received: amount,
  rttMinMs: amount,
  rttMedianMs: amount,
  rttMaxMs: amount,
  loss: amount,
});

const shapeOfReport: Shape = record({
  format: text,
  startedAt: text,
  endedAt: text,
  command: listOf(text),
  complete: truth,
  seed: anyNumber,
  machine: record({ cpu: text, cores: amount, memoryBytes: amount, system: text, node: text, load: amount }),
  shells: listOf(record({ name: text, version: text, command: text })),
  baseline: text,
  links: listOf(
    record({
      name: text,
      title: text,
      source: text,
      asked: mapOf(anyNumber),
      proof: optional(proof),
      turns: listOf(turn),
    }),
  ),
  leftOut: listOf(text),
});

/** `rove-bench-2026-11-22T18-30`: what the files of a run are called unless told, without the ending. */
export function defaultBaseName(startedAt: string): string {
  return `rove-bench-${startedAt.slice(0, 16).replaceAll(/[^0-9T-]/g, '-')}`;
}

/** Writes the file; throws one line when there is one already that must not be replaced, or the disk says no. */
export async function writeReport(file: string, report: Report, mayReplace = false): Promise<void> {
  await writeWhole(file, formatReport(report), mayReplace);
}

/** Reads a file that `writeReport` wrote, by whatever version; throws one line that names the file and what is wrong. */
export async function readReport(file: string): Promise<Report> {
  let written: string;
  try {
    const { size } = await stat(file);
    if (size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX / 2 ** 20} MB`);
    written = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseReport(written, file);
}

/** The report in a text; throws one line that begins with `name`. */
export function parseReport(written: string, name: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Error(`${name} is not JSON: give a file that rove bench wrote`);
  }
  const wrong = whyNoReport(value);
  if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
  return value as Report;
}

function whyNoReport(value: unknown): string | undefined {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format !== 'string' || !/^rove-bench\/\d+$/.test(format)) {
    return 'not a report of rove bench: give the .json that it wrote';
  }
  if (format !== FORMAT) return `its format is ${format}, and this version reads ${FORMAT}: measure again`;
  return shapeOfReport(value, '') ?? whyInconsistent(value as Report);
}

/** The names must lead somewhere, and to one thing only: all that is computed goes by them. */
function whyInconsistent({ shells, baseline, links }: Report): string | undefined {
  const names = new Set(shells.map(({ name }) => name));
  if (names.size < shells.length) return 'shells has a name twice';
  if (!names.has(baseline)) return 'baseline is none of the shells';
  if (new Set(links.map(({ name }) => name)).size < links.length) return 'links has a name twice';
  for (const [index, { turns }] of links.entries()) {
    const stray = turns.findIndex(({ shell }) => !names.has(shell));
    if (stray >= 0) return `links[${index}].turns[${stray}].shell is none of the shells`;
  }
  return undefined;
}

/** JSON with what holds only plain values on one line, so that a key is a line. */
export function formatReport(report: Report): string {
  return `${layOut(report, '')}\n`;
}

function layOut(value: unknown, indent: string): string {
  // Clocks tell finer than microseconds, but what is measured does not.
  if (typeof value === 'number') return JSON.stringify(Number(value.toFixed(6)));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const isFlat = entries.every(([, entry]) => typeof entry !== 'object' || entry === null);
  const inner = isFlat ? '' : `${indent}  `;
  const parts = entries.map(([name, entry]) => `${isList ? '' : `${JSON.stringify(name)}: `}${layOut(entry, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (isFlat) return `${open}${parts.join(', ')}${close}`;
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indent}${close}`;
}
