import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KeyPhases,
  OLD_PHASE_GRACE_MS,
  RENEW_AFTER_DATAGRAMS,
  RENEW_AFTER_MS,
} from '../../protocol/crypto/key-phases.ts';
import { seal } from '../../protocol/crypto/seal.ts';
import { KeyPair, runSession } from './key-phases-link.ts';
import { systemRandom } from './random.ts';

describe('a renewal', () => {
  it('is due after 120 s, for the client alone', () => {
    const pair = new KeyPair();
    expect(pair.client.renewalDue(RENEW_AFTER_MS - 1)).toBe(false);
    expect(pair.client.renewalDue(RENEW_AFTER_MS)).toBe(true);
    expect(pair.server.renewalDue(RENEW_AFTER_MS * 100)).toBe(false);
    expect(() => pair.server.startRenewal(0)).toThrow('only the client begins a renewal');
  });

  it('is due after so many datagrams, those received included, and counts anew in each phase', () => {
    expect(RENEW_AFTER_DATAGRAMS).toBe(2 ** 20);
    const pair = new KeyPair({ renewAfterDatagrams: 10 });
    for (let count = 0; count < 4; count++) pair.deliver('client', 0);
    for (let count = 0; count < 5; count++) pair.deliver('server', 0);
    expect(pair.client.renewalDue(0)).toBe(false);
    pair.deliver('server', 0);
    expect(pair.client.renewalDue(0)).toBe(true);
    pair.renew(0);
    pair.tick(OLD_PHASE_GRACE_MS);
    expect(pair.client.renewalDue(OLD_PHASE_GRACE_MS)).toBe(false);
  });

  it('is not brought about by forgeries', () => {
    const pair = new KeyPair({ renewAfterDatagrams: 10 });
    for (let count = 0; count < 20; count++) pair.client.open(0, 0, count, new Uint8Array(3), new Uint8Array(40));
    expect(pair.client.renewalDue(0)).toBe(false);
  });

  it('passes through offer, answer, first datagram and grace', () => {
    const pair = new KeyPair();
    const { client, server } = pair;
    client.startRenewal(0);
    expect(client.pendingFrame()).toMatchObject({ kind: 'key-offer', phase: 1 });
    expect([client.sendPhase, server.sendPhase]).toEqual([0, 0]);

    pair.deliver('client', 100); // the offer, under phase 0
    expect(server.pendingFrame()).toMatchObject({ kind: 'key-answer', phase: 1 });
    expect([client.sendPhase, server.sendPhase]).toEqual([0, 0]);

    pair.deliver('server', 200); // the answer, under phase 0
    expect(client.pendingFrame()).toBeUndefined();
    expect([client.sendPhase, server.sendPhase]).toEqual([1, 0]);
    expect(client.nextTimeout()).toBe(Number.POSITIVE_INFINITY);

    pair.deliver('client', 300); // the first datagram under phase 1
    expect(server.pendingFrame()).toBeUndefined();
    expect([client.sendPhase, server.sendPhase]).toEqual([1, 1]);
    expect(server.nextTimeout()).toBe(300 + OLD_PHASE_GRACE_MS);

    pair.deliver('server', 400);
    expect(client.nextTimeout()).toBe(400 + OLD_PHASE_GRACE_MS);
    pair.deliver('server', 500);
    expect(client.nextTimeout()).toBe(400 + OLD_PHASE_GRACE_MS);
  });

  it('is not due again while it is under way or its old keys still live', () => {
    const pair = new KeyPair();
    pair.renew(RENEW_AFTER_MS);
    expect(pair.client.sendPhase).toBe(1);
    expect(pair.client.renewalDue(RENEW_AFTER_MS * 9)).toBe(false);
    pair.client.startRenewal(RENEW_AFTER_MS * 9);
    expect(pair.client.pendingFrame()).toBeUndefined();
    pair.client.tick(RENEW_AFTER_MS * 9);
    expect(pair.client.renewalDue(RENEW_AFTER_MS * 2 - 1)).toBe(false);
    expect(pair.client.renewalDue(RENEW_AFTER_MS * 2)).toBe(true);
  });

  it('keeps the offer when it is started twice', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    const frame = pair.client.pendingFrame();
    pair.client.startRenewal(50);
    expect(pair.client.pendingFrame()).toBe(frame);
  });

  it('waits through an outage of any length with both phases readable', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    pair.deliver('client', 0);
    pair.deliver('server', 0);
    const late = pair.seal('server'); // still under phase 0: the server has heard nothing under phase 1
    const week = 7 * 24 * 3_600_000;
    pair.client.tick(week);
    pair.server.tick(week);
    expect(pair.arrive('client', late, week)?.phase).toBe(0);
    expect(pair.deliver('client', week)?.phase).toBe(1);
    expect(pair.deliver('server', week)?.phase).toBe(1);
  });

  it('comes round past phase 4, where the two phase bits repeat', () => {
    const pair = new KeyPair();
    for (let phase = 1; phase <= 9; phase++) {
      pair.renew(phase * RENEW_AFTER_MS);
      pair.tick(phase * RENEW_AFTER_MS + OLD_PHASE_GRACE_MS);
      expect([pair.client.sendPhase, pair.server.sendPhase]).toEqual([phase, phase]);
      expect(pair.deliver('client', phase * RENEW_AFTER_MS + OLD_PHASE_GRACE_MS)?.phase).toBe(phase);
    }
  });
});

describe('lost, doubled, late and bogus frames', () => {
  it('answers copies of one offer with one answer', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    const offer = pair.client.pendingFrame() ?? expect.fail('no offer');
    pair.server.onOffer(1, offer.phase, offer.publicKey);
    const answer = pair.server.pendingFrame();
    pair.server.onOffer(2, offer.phase, offer.publicKey);
    expect(pair.server.pendingFrame()).toBe(answer);
  });

  it('keeps to the first of two offers for one phase', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    pair.deliver('client', 0);
    const answer = pair.server.pendingFrame();
    pair.server.onOffer(1, 1, new Uint8Array(32).fill(9));
    expect(pair.server.pendingFrame()).toBe(answer);
    pair.deliver('server', 2);
    expect(pair.deliver('client', 3)?.phase).toBe(1);
  });

  it('ignores offers for other phases than the next, and for unusable keys', () => {
    const pair = new KeyPair();
    const key = new Uint8Array(32).fill(9);
    for (const phase of [0, 2, 5, -1, 2 ** 53 - 1, Number.NaN]) pair.server.onOffer(0, phase, key);
    pair.server.onOffer(0, 1, new Uint8Array(32));
    pair.server.onOffer(0, 1, new Uint8Array(31));
    pair.client.onOffer(0, 1, key);
    expect(pair.server.pendingFrame()).toBeUndefined();
    expect(pair.client.pendingFrame()).toBeUndefined();
    pair.renew(0); // and an honest one still works
    expect([pair.client.sendPhase, pair.server.sendPhase]).toEqual([1, 1]);
  });

  it('ignores answers that nobody awaits, and unusable ones', () => {
    const pair = new KeyPair();
    const key = new Uint8Array(32).fill(9);
    pair.client.onAnswer(0, 1, key);
    pair.server.onAnswer(0, 1, key);
    pair.client.startRenewal(0);
    pair.client.onAnswer(0, 2, key);
    pair.client.onAnswer(0, 1, new Uint8Array(32));
    pair.client.onAnswer(0, 1, new Uint8Array(7));
    expect(pair.client.sendPhase).toBe(0);
    expect(pair.client.pendingFrame()?.kind).toBe('key-offer');
    pair.deliver('client', 0);
    pair.deliver('server', 0);
    expect(pair.client.sendPhase).toBe(1);
    pair.client.onAnswer(0, 1, key); // a copy comes late
    expect(pair.deliver('client', 0)?.phase).toBe(1);
  });

  it('ignores the offer of a renewal that is over', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    const offer = pair.client.pendingFrame() ?? expect.fail('no offer');
    pair.renew(0);
    pair.server.onOffer(1, offer.phase, offer.publicKey);
    expect(pair.server.pendingFrame()).toBeUndefined();
    expect(pair.server.sendPhase).toBe(1);
  });

  it('reads datagrams of the old phase during the grace and not after', () => {
    const pair = new KeyPair();
    const [early, late] = [pair.seal('client'), pair.seal('client')];
    pair.renew(1_000);
    pair.tick(1_000 + OLD_PHASE_GRACE_MS - 1);
    expect(pair.arrive('server', early, 1_000 + OLD_PHASE_GRACE_MS - 1)?.phase).toBe(0);
    pair.tick(1_000 + OLD_PHASE_GRACE_MS);
    expect(pair.arrive('server', late, 1_000 + OLD_PHASE_GRACE_MS)).toBeUndefined();
    expect(pair.server.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not moved by forgeries under any phase bits', () => {
    const pair = new KeyPair();
    pair.client.startRenewal(0);
    pair.deliver('client', 0);
    const header = new Uint8Array(15);
    for (const bits of [0, 1, 2, 3, 4, -1]) {
      expect(pair.server.open(0, bits, 999, header, new Uint8Array(40))).toBeUndefined();
      expect(pair.client.open(0, bits, 999, header, new Uint8Array(40))).toBeUndefined();
    }
    expect(pair.server.sendPhase).toBe(0);
    expect(pair.server.pendingFrame()?.kind).toBe('key-answer');
    expect(pair.server.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not take a datagram of one phase or direction for another', () => {
    const pair = new KeyPair();
    const datagram = pair.seal('client');
    expect(pair.arrive('client', datagram, 0)).toBeUndefined();
    pair.client.startRenewal(0);
    pair.deliver('client', 0);
    expect(pair.arrive('server', { ...datagram, phaseBits: 1 }, 0)).toBeUndefined();
    expect(pair.arrive('server', datagram, 0)?.phase).toBe(0);
  });
});

describe('secrets and nonces', () => {
  it('refuses to seal a packet number that is not over all before it, in any phase', () => {
    const pair = new KeyPair();
    const bytes = new Uint8Array(0);
    pair.client.seal(5, bytes, bytes);
    expect(() => pair.client.seal(5, bytes, bytes)).toThrow('packet numbers only grow');
    expect(() => pair.client.seal(4, bytes, bytes)).toThrow('packet numbers only grow');
    expect(() => pair.client.seal(Number.NaN, bytes, bytes)).toThrow('packet numbers only grow');
  });

  it('overwrites the secret of a phase when the next one is derived', () => {
    const secret = systemRandom(32);
    const client = new KeyPhases({ role: 'client', secret, random: systemRandom, now: 0 });
    const privateKeys: Uint8Array[] = [];
    const server = new KeyPhases({
      role: 'server',
      secret: secret.slice(),
      random: (length) => {
        const bytes = systemRandom(length);
        privateKeys.push(bytes);
        return bytes;
      },
      now: 0,
    });
    client.startRenewal(0);
    const offer = client.pendingFrame() ?? expect.fail('no offer');
    server.onOffer(0, offer.phase, offer.publicKey);
    const answer = server.pendingFrame() ?? expect.fail('no answer');
    expect(secret.some((byte) => byte !== 0)).toBe(true);
    client.onAnswer(0, answer.phase, answer.publicKey);
    expect(secret.every((byte) => byte === 0)).toBe(true);
    expect(privateKeys).toHaveLength(1);
    expect(privateKeys[0]?.every((byte) => byte === 0)).toBe(true);
  });

  it('seals and opens nothing once it is closed, not even with keys of zeros', () => {
    const pair = new KeyPair();
    const datagram = pair.seal('client');
    pair.client.startRenewal(0);
    pair.deliver('client', 0);
    pair.server.close();
    pair.client.close();
    expect(pair.arrive('server', datagram, 0)).toBeUndefined();
    const zeros = { key: new Uint8Array(32), iv: new Uint8Array(12) };
    const forged = seal(zeros, 9, new Uint8Array(3), Uint8Array.of(1));
    expect(pair.server.open(0, 0, 9, new Uint8Array(3), forged)).toBeUndefined();
    expect(pair.server.pendingFrame()).toBeUndefined();
    expect(pair.client.renewalDue(RENEW_AFTER_MS)).toBe(false);
    expect(() => pair.client.seal(99, new Uint8Array(0), new Uint8Array(0))).toThrow('the keys are gone');
    expect(pair.server.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a session over a bad link, under virtual time', () => {
  it('never refuses a datagram that was late by no more than the grace, whatever is lost, doubled or overtaken', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const outcome = runSession({ seed, delayMsMax: OLD_PHASE_GRACE_MS - 1, lossPercent: 30, outages: true });
        expect(outcome.refused).toEqual([]);
        expect(outcome.phases).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 25 },
    );
  });

  it('goes on renewing when datagrams come later than any grace', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const outcome = runSession({ seed, delayMsMax: 20_000, lossPercent: 50, outages: true });
        expect(outcome.phases).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 15 },
    );
  });
});
