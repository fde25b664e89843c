/**
 * Proves a link before it is measured on: pings from the client to the server, and whether what they saw is what was asked
 * for. The bounds are those of chance and of a kernel: a link that does what it is told passes all but once in a thousand
 * times, and is asked a second time then.
 */

import { execFile } from 'node:child_process';
import process from 'node:process';
import type { LinkProof } from '../measure/result.ts';
import { traceGapMsMax } from './delivery-trace.ts';
import type { ImpairmentOptions } from './impairment.ts';
import type { LinkControl, LinkOptions } from './link-control.ts';

/** The pings of a proof. */
export interface PingPlan {
  readonly count: number;
  readonly intervalMs: number;
}

/** Where to ping from, as a prefix of command lines, and to. */
export interface PingPath {
  readonly prefix: readonly string[];
  readonly address: string;
}

/** IPv4's and ICMP's headers and ping's 56 bytes. */
const PING_BYTES = 84;
/** Two-sided, 99.9 %. */
const DEVIATIONS = 3.29;
const TAIL = 0.0005;
const TOLERANCE_MS = 1;
const TOLERANCE_SHARE = 0.03;
const LOSSLESS_COUNT = 50;
const LOSSY_COUNT = 400;

/** How to ping a link: as fast as its rate and its jitter leave one ping alone, for 2 s at most, or 5 s where packets are lost. */
export function pingPlan(options: LinkOptions): PingPlan {
  const isLossy = roundTripLoss(options).share > 0;
  const ways = waysOf(options);
  // A packet never overtakes another by jitter, so that pings closer than that would be later than asked for.
  const intervalMs = Math.ceil(
    Math.max(
      isLossy ? 10 : 20,
      ...ways.map(({ jitterMs = 0 }) => jitterMs),
      ...ways.map((way) => 1.5 * sendingMs(way)),
    ),
  );
  const [count, spanMs] = isLossy ? [LOSSY_COUNT, 5000] : [LOSSLESS_COUNT, 2000];
  return { count: Math.max(10, Math.min(count, Math.floor(spanMs / intervalMs))), intervalMs };
}

/** Pings through the link. Throws when ping cannot be run. */
export async function ping(path: PingPath, plan: PingPlan, options: LinkOptions): Promise<LinkProof> {
  const { lateMs } = expectedRtt(options);
  const words = ['ping', '-n', '-c', `${plan.count}`, '-i', `${plan.intervalMs / 1000}`];
  words.push('-W', `${Math.ceil((lateMs + 500) / 1000)}`, path.address);
  const [command = '', ...rest] = [...path.prefix, ...words];
  const timeout = Math.ceil(10_000 + plan.count * plan.intervalMs + 2 * lateMs);
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      command,
      rest,
      { timeout, maxBuffer: 1 << 20, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout, stderr) => {
        if (stdout.includes('packets transmitted')) resolve(stdout);
        else reject(new Error(`ping ${path.address}: ${stderr.trim() || (error?.message ?? 'it said nothing')}`));
      },
    );
  });
  return parsePing(output);
}

/** What ping printed, without its doubles. Throws on something else. */
export function parsePing(output: string): LinkProof {
  const sent = Number(/^(\d+) packets transmitted/m.exec(output)?.[1] ?? Number.NaN);
  if (!(sent > 0)) throw new Error('ping printed no summary: is it another ping than that of iputils?');
  const times = new Map<string, number>();
  for (const [, sequence = '', time] of output.matchAll(/icmp_seq=(\d+) .*?time=([\d.]+) ms/g)) {
    if (!times.has(sequence)) times.set(sequence, Number(time));
  }
  const sorted = [...times.values()].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const rtts = sorted.length === 0 ? [0, 0, 0] : [at(0), (at(0.5) + (sorted[sorted.length >> 1] ?? 0)) / 2, at(1)];
  const [rttMinMs = 0, rttMedianMs = 0, rttMaxMs = 0] = rtts;
  return { sent, received: sorted.length, rttMinMs, rttMedianMs, rttMaxMs, loss: 1 - sorted.length / sent };
}

/** In which way the pings contradict the link that was asked for, in one line; undefined when they agree. */
export function disagreement(options: LinkOptions, proof: LinkProof): string | undefined {
  const loss = roundTripLoss(options);
  const range = lossRange(proof.sent, loss.share, loss.inflation);
  if (proof.loss < range.low || proof.loss > range.high) {
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    return `asked for ${percent(loss.share)} loss of round trips, ping saw ${percent(proof.loss)} of ${proof.sent}`;
  }
  // Nothing came back, as it should: there is no time to judge.
  if (proof.received === 0) return undefined;
  const { earlyMs, lateMs, noiseMs } = expectedRtt(options);
  const spread = noiseMs / Math.sqrt(proof.received);
  const low = earlyMs - spread - Math.max(TOLERANCE_MS, earlyMs * TOLERANCE_SHARE);
  const high = lateMs + spread + Math.max(TOLERANCE_MS, lateMs * TOLERANCE_SHARE);
  if (proof.rttMedianMs >= low && proof.rttMedianMs <= high) return undefined;
  const asked = earlyMs === lateMs ? earlyMs.toFixed(1) : `${earlyMs.toFixed(1)} to ${lateMs.toFixed(1)}`;
  return `asked for a round trip of ${asked} ms, ping saw a median of ${proof.rttMedianMs.toFixed(1)} ms`;
}

/** What a proof comes to: the pings, and in which way they contradict the link. */
export interface ProvenLink {
  readonly proof: LinkProof;
  readonly disagreement: string | undefined;
}

/**
 * Pings the link, and once more with other dice should it seem not to be what was asked for: chance is let off once, a broken
 * link is not. The caller reseeds the link afterwards, as before every turn.
 */
export async function proveLink(
  link: LinkControl,
  path: PingPath,
  options: LinkOptions,
  seed: number,
): Promise<ProvenLink> {
  const plan = pingPlan(options);
  let proof: LinkProof | undefined;
  let why: string | undefined;
  for (const diceSeed of [seed, seed + 1_000_003]) {
    await link.reseed(diceSeed);
    proof = await ping(path, plan, options);
    why = disagreement(options, proof);
    if (why === undefined) break;
  }
  if (proof === undefined) throw new Error('a link is proven by pings, and there were none');
  return { proof, disagreement: why };
}

function waysOf({ up = {}, down = {} }: LinkOptions): readonly ImpairmentOptions[] {
  return [up, down];
}

function sendingMs({ rateBps }: ImpairmentOptions): number {
  return rateBps === undefined ? 0 : (PING_BYTES * 8000) / rateBps;
}

/** Where the median may lie, and how far one ping's time strays from it by chance (3.29 deviations of a median of one). */
function expectedRtt(options: LinkOptions): { earlyMs: number; lateMs: number; noiseMs: number } {
  let earlyMs = 0;
  let lateMs = 0;
  let variance = 0;
  for (const way of waysOf(options)) {
    const { delayMs = 0, jitterMs = 0, reorder = 0, reorderMs = 10, trace } = way;
    const meanMs = delayMs + jitterMs / 2 + sendingMs(way);
    earlyMs += meanMs;
    lateMs += meanMs + Math.min(1, 2 * reorder) * reorderMs + (trace === undefined ? 0 : 2 * traceGapMsMax(trace));
    variance += jitterMs ** 2 / 12;
  }
  // A median strays by a quarter more than a mean (its deviation is √(π/2) times as large).
  return { earlyMs, lateMs, noiseMs: DEVIATIONS * Math.sqrt((Math.PI / 2) * variance) };
}

/** The share of pings that should be lost, and by how much bursts make its variance larger than that of single losses. */
function roundTripLoss(options: LinkOptions): { share: number; inflation: number } {
  let kept = 1;
  let inflation = 1;
  for (const { loss = 0, burst } of waysOf(options)) {
    const hasBursts = burst !== undefined && burst.enter > 0;
    const bad = hasBursts ? burst.enter / (burst.enter + burst.leave) : 0;
    kept *= (1 - loss) * (1 - bad);
    // The correlation of one packet's state with the next's, as in any chain of two states.
    const memory = hasBursts ? Math.max(0, 1 - burst.enter - burst.leave) : 0;
    inflation = Math.max(inflation, memory < 1 ? (1 + memory) / (1 - memory) : Number.POSITIVE_INFINITY);
  }
  return { share: 1 - kept, inflation };
}

/** Which shares of `sent` pings may be lost by chance when each is lost with probability `share`: the middle 99.9 %. */
export function lossRange(sent: number, share: number, inflation = 1): { low: number; high: number } {
  if (share <= 0) return { low: 0, high: 0 };
  // As many independent pings as say as much as these.
  const count = Math.max(1, Math.round(sent / inflation));
  let below = 0;
  let low: number | undefined;
  let high = 1;
  for (let lost = 0; lost <= count; lost++) {
    below += binomial(count, lost, share);
    if (low === undefined && below > TAIL) low = lost / count;
    if (below >= 1 - TAIL) {
      high = lost / count;
      break;
    }
  }
  return { low: low ?? 1, high };
}

function binomial(count: number, lost: number, share: number): number {
  if (share >= 1) return lost === count ? 1 : 0;
  let logarithm = lost * Math.log(share) + (count - lost) * Math.log1p(-share);
  for (let index = 1; index <= lost; index++) logarithm += Math.log((count - lost + index) / index);
  return Math.exp(logarithm);
}
