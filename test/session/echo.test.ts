import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ECHO_MS, ECHO_RIDE_MS, MAX_ECHOES } from '../../protocol/constants.ts';
import { EchoClock } from '../../protocol/session/echo-clock.ts';
import type { TtyState } from '../../protocol/session/shell-state.ts';
import { Pair, settledPair } from '../transport/pair.ts';

const RTT = 80;

describe('the echo clock', () => {
  it('says of all input, in time and in order, that it was written long enough ago', () => {
    const step = fc.record({ ms: fc.nat(30), bytes: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const clock = new EchoClock();
        const written: { at: number; offset: number }[] = [{ at: Number.NEGATIVE_INFINITY, offset: 0 }];
        let now = 0;
        let offset = 0;
        for (const { ms, bytes } of steps) {
          now += ms;
          offset += bytes;
          clock.write(now, offset);
          written.push({ at: now, offset });
          const before = clock.echoed;
          expect(clock.advance(now)).toBe(clock.echoed > before);
          const due = written.findLast(({ at }) => at <= now - ECHO_MS)?.offset ?? 0;
          expect(clock.echoed).toBeGreaterThanOrEqual(before);
          expect(clock.echoed).toBeLessThanOrEqual(due);
          // Late only where more was written than can be told apart.
          if (written.filter(({ at }) => at > now - 2 * ECHO_MS).length < MAX_ECHOES) expect(clock.echoed).toBe(due);
          expect(clock.nextAt).toBeGreaterThan(now);
        }
        clock.advance(now + ECHO_MS);
        expect(clock.echoed).toBe(offset);
        expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('gets on while keys come without a pause', () => {
    const clock = new EchoClock();
    let most = 0;
    for (let now = 0; now < 1_000; now += 0.25) {
      clock.write(now, 4 * now);
      clock.advance(now);
      most = Math.max(most, now - clock.echoed / 4);
    }
    expect(most).toBeLessThanOrEqual(2 * ECHO_MS);
  });
});

describe('what the program has not echoed', () => {
  /** A program that reads and is silent. */
  function silentPair(): Pair {
    const pair = settledPair();
    pair.program = () => {};
    return pair;
  }

  it('is known a round trip and 50 ms after the key', () => {
    const pair = silentPair();
    const after = pair.client.sendKeys(Uint8Array.of(97));
    expect(pair.runUntil(() => pair.client.state.echoed === after, 1_000)).toBe(RTT + ECHO_MS);
  });

  it.each([
    { what: 'something else was shown', shows: '*', rideMs: 0 },
    { what: 'the letter was shown, and more', shows: 'a*', rideMs: 0 },
    { what: 'the letter was shown as anybody would guess', shows: 'a', rideMs: ECHO_RIDE_MS },
  ])('is known a round trip and 50 ms after the key, and $rideMs ms more, where $what', ({ shows, rideMs }) => {
    const pair = silentPair();
    pair.program = () => pair.print(shows);
    const after = pair.client.sendKeys(Uint8Array.of(97));
    expect(pair.runUntil(() => pair.shown[0] === shows, 1_000)).toBe(RTT);
    expect(pair.client.state.echoed).toBe(0);
    expect(RTT + pair.runUntil(() => pair.client.state.echoed === after, 1_000)).toBe(RTT + ECHO_MS + rideMs);
  });

  it('is known with whatever the program shows next', () => {
    const pair = silentPair();
    pair.program = () => pair.print('a');
    const typedAt = pair.now;
    const after = pair.client.sendKeys(Uint8Array.of(97));
    pair.run(RTT / 2 + 60);
    pair.print('!');
    pair.run(RTT / 2);
    expect(pair.shown[0]).toBe('a!');
    expect(pair.client.state.echoed).toBe(after);
    pair.run(1_000);
    expect(pair.sentBy('server', typedAt)).toHaveLength(2);
  });

  it('is not counted while the program draws behind the screen that is shown', () => {
    const pair = silentPair();
    pair.program = () => pair.print('\x1b[?2026h*');
    const after = pair.client.sendKeys(Uint8Array.of(97));
    pair.run(RTT + 2 * ECHO_MS);
    expect([pair.shown, pair.client.state.echoed]).toEqual([[], 0]);
    pair.print('\x1b[?2026l');
    pair.run(RTT / 2);
    expect([pair.shown, pair.client.state.echoed]).toEqual([['*'], after]);
  });

  it('is not counted while the program does not take it', () => {
    const pair = silentPair();
    pair.accepts = 0;
    const after = pair.client.sendKeys(Uint8Array.of(97));
    pair.run(10_000);
    expect(pair.client.state.echoed).toBe(0);
    pair.accepts = 1;
    pair.run(RTT / 2 + ECHO_MS);
    expect(pair.client.state.echoed).toBe(after);
  });

  it('is known with the last screen when the program ends', () => {
    const pair = silentPair();
    const after = pair.client.sendKeys(Uint8Array.of(4));
    pair.run(RTT / 2);
    pair.server.end(0, '');
    pair.run(RTT / 2);
    expect(pair.client.ended).toEqual({ status: 0, reason: '' });
    expect(pair.client.state.echoed).toBe(after);
  });

  it('costs nothing when nothing is typed', () => {
    const pair = silentPair();
    const since = pair.now;
    pair.print('one');
    pair.run(500);
    pair.print('two');
    pair.run(500);
    expect(pair.sentBy('server', since)).toHaveLength(2);
  });
});

describe('the line discipline', () => {
  it('comes with the screen that it was found with, and by itself when it alone changes', () => {
    const pair = new Pair();
    const reading: TtyState = { echo: false, canonical: false, program: 1 };
    const asking: TtyState = { echo: false, canonical: true, program: 2 };
    pair.tty = reading;
    pair.print('$ ');
    pair.run(RTT);
    expect(pair.client.state.tty).toEqual(reading);
    pair.tty = asking;
    pair.print('Password: ');
    pair.run(RTT / 2);
    expect([pair.shown[0], pair.client.state.tty]).toEqual(['$ Password:', asking]);
    pair.run(1_000);
    const { screen } = pair.client.state;
    pair.tty = undefined;
    pair.server.screenChanged();
    pair.run(RTT / 2);
    expect(pair.client.state.tty).toBeUndefined();
    expect(pair.client.state.screen).toBe(screen);
  });
});
