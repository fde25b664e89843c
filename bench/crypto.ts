/**
 * What the cryptography costs: µs for a datagram, ms for a key agreement and a renewal. Node's own OpenSSL stands beside it as the
 * machine's baseline. "First" is the first call in this process, before the engine has compiled anything.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { acceptAnswer, answerOffer, createOffer } from '../protocol/crypto/agreement.ts';
import { KeyPhases } from '../protocol/crypto/key-phases.ts';
import { ReplayWindow } from '../protocol/crypto/replay-window.ts';
import { type DirectionKey, open, seal } from '../protocol/crypto/seal.ts';

const SIZES = [64, 1_200] as const;
const RUNS = 7;
const DATAGRAMS_A_RUN = 4_000;
const AGREEMENTS = 15;

/** The lines of a table. Takes about two seconds. */
export async function benchCrypto(): Promise<readonly string[]> {
  const agreement = benchAgreement();
  return [
    'a datagram, µs                seal   open  forged   openssl seal   openssl open',
    ...SIZES.map((size) => benchDatagram(size)),
    '',
    'replay window, µs            check and accept',
    `                             ${microseconds(benchReplayWindow())}`,
    '',
    'key agreement, ms            offer  answer  accept',
    ...agreement,
    '',
    'renewal, ms                 client  server',
    benchRenewal(),
  ];
}

function benchDatagram(size: number): string {
  const key: DirectionKey = { key: random(32), iv: random(12) };
  const header = random(15);
  const plaintext = random(size);
  const sealed = seal(key, 1, header, plaintext);
  const forged = sealed.slice();
  forged[0] = (forged[0] ?? 0) ^ 1;
  let number = 0;
  const figures = [
    each(() => seal(key, number++, header, plaintext)),
    each(() => open(key, 1, header, sealed)),
    each(() => open(key, 1, header, forged)),
    each(() => opensslSeal(key, header, plaintext)),
    each(() => opensslOpen(key, header, sealed)),
  ];
  const [sealing, opening, refusing, theirSealing, theirOpening] = figures.map(microseconds);
  return `  ${`${size} bytes`.padEnd(24)} ${sealing} ${opening}  ${refusing}   ${theirSealing?.padStart(12)}   ${theirOpening?.padStart(12)}`;
}

function opensslSeal(key: DirectionKey, header: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key.key, key.iv, { authTagLength: 16 });
  cipher.setAAD(header, { plaintextLength: plaintext.length });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function opensslOpen(key: DirectionKey, header: Uint8Array, sealed: Uint8Array): Uint8Array {
  const cipher = createDecipheriv('chacha20-poly1305', key.key, key.iv, { authTagLength: 16 });
  cipher.setAAD(header, { plaintextLength: sealed.length - 16 });
  // Not `final`: it would refuse a tag that was made for another packet number. The work is the same.
  cipher.setAuthTag(sealed.subarray(-16));
  return cipher.update(sealed.subarray(0, -16));
}

function benchReplayWindow(): number {
  const window = new ReplayWindow();
  let number = 0;
  return each(() => {
    number += 3;
    if (window.check(number)) window.accept(number);
  });
}

/** The first agreement of this process, then the median of later ones. */
function benchAgreement(): readonly string[] {
  const rows = Array.from({ length: AGREEMENTS }, () => {
    const start = performance.now();
    const offer = createOffer(random);
    const offered = performance.now();
    const { answer } = answerOffer(offer.message, random);
    const answered = performance.now();
    acceptAnswer(offer, answer);
    return [offered - start, answered - offered, performance.now() - answered];
  });
  const warm = [0, 1, 2].map((column) => median(rows.slice(AGREEMENTS / 3).map((row) => row[column] ?? 0)));
  return [
    `  first                   ${(rows[0] ?? []).map(milliseconds).join(' ')}`,
    `  later                   ${warm.map(milliseconds).join(' ')}`,
  ];
}

function benchRenewal(): string {
  const rows = Array.from({ length: AGREEMENTS }, () => {
    const secret = random(32);
    const client = new KeyPhases({ role: 'client', secret: secret.slice(), random, now: 0 });
    const server = new KeyPhases({ role: 'server', secret, random, now: 0 });
    const start = performance.now();
    client.startRenewal(0);
    const started = performance.now();
    const offer = client.pendingFrame();
    if (offer !== undefined) server.onOffer(0, offer.phase, offer.publicKey);
    const answered = performance.now();
    const answer = server.pendingFrame();
    if (answer !== undefined) client.onAnswer(0, answer.phase, answer.publicKey);
    return [started - start + (performance.now() - answered), answered - started];
  });
  return `                          ${[0, 1].map((column) => milliseconds(median(rows.map((row) => row[column] ?? 0)))).join(' ')}`;
}

/** Median over the runs of the mean time of one call, in µs. */
function each(work: () => unknown): number {
  const runs = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    for (let count = 0; count < DATAGRAMS_A_RUN; count++) work();
    return ((performance.now() - start) * 1_000) / DATAGRAMS_A_RUN;
  });
  return median(runs);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function microseconds(value: number): string {
  return value.toFixed(value < 1 ? 2 : 1).padStart(6);
}

function milliseconds(value: number): string {
  return value.toFixed(2).padStart(7);
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
