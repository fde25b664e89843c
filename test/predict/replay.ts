/**
 * Plays a recorded session through the prediction engine in virtual time, over a link of any round trip, jitter and loss: the server gets
 * each key half a round trip after it was typed, the program's recorded answer follows after its recorded delay, frames go back, and
 * what the user sees is judged at every moment.
 *
 * A letter is shown at once when its cell is right as soon as it was typed (`atOnce`), or everything that the key changes is
 * (`whole`: what the lab measures). A key is wrong when a cell shows a text that the program never showed there.
 */

import { diceFrom } from '../../bench/link/random.ts';
import { textAt } from '../../client/predict/draft.ts';
import { PredictionEngine } from '../../client/predict/engine.ts';
import type { PredictMode } from '../../client/predict/visibility.ts';
import { ECHO_MS, ECHO_RIDE_MS } from '../../protocol/constants.ts';
import { equalScreens, type Screen } from '../../protocol/screen/screen.ts';
import { isPlainEcho } from '../../protocol/session/plain-echo.ts';
import { blankState, type EchoState, type TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { Agenda } from './agenda.ts';
import type { Recording } from './recording.ts';
import { Truth, type TruthOfKey } from './truth.ts';

export interface ReplayOptions {
  readonly rttMs: number;
  readonly jitterMs?: number;
  /** Share of datagrams, each way. */
  readonly loss?: number;
  /** Of a machine that is busy: this share of the keys is answered later, by up to so much. */
  readonly busyShare?: number;
  readonly busyMs?: number;
  readonly seed?: number;
  readonly mode?: PredictMode;
}

export interface ReplayResult {
  /** Keys whose letter the program echoed. */
  readonly letters: number;
  readonly atOnce: number;
  readonly whole: number;
  /** Keys after which something wrong was shown. */
  readonly wrong: number;
  /** All keys. */
  readonly keys: number;
  /** For people: what was late and what was wrong. */
  readonly late: readonly string[];
  readonly mistakes: readonly string[];
}

/** What the server takes between frames. */
const FRAME_MS = 10;
const FRAME_DELAY_MS = 1;
/** After output that was waited for, the recorder let so long pass before the user's own pause. */
const QUIET_MS = 150;
const LEAST_GAP_MS = 40;

interface PlayedKey {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly waits: boolean;
  /** What the program did because of it, and how long after. */
  readonly answers: { readonly afterMs: number; readonly output?: string; readonly tty?: TtyState }[];
}

/** Plays it. Throws when the screens differ in the end: that would be a fault of the player or the engine. */
export function replay(recording: Recording, options: ReplayOptions, truth = new Truth(recording)): ReplayResult {
  return new Replay(recording, options, truth).run();
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #truth: Truth;
  readonly #dice;
  readonly #agenda = new Agenda();
  readonly #engine: PredictionEngine;
  readonly #emulator: Emulator;
  readonly #before: PlayedKey['answers'];
  readonly #keys: readonly PlayedKey[];
  // The server
  #tty: TtyState | undefined;
  #echoed = 0;
  #answeredAt = 0;
  #arrivedAt = 0;
  #frameAt = Number.NEGATIVE_INFINITY;
  #frameDue = Number.POSITIVE_INFINITY;
  #frameNumber = 0;
  #sent: EchoState | undefined;
  #changedAt = 0;
  // The client
  #state: EchoState;
  #newest = -1;
  #offset = 0;
  #typed = -1;
  #shown: Screen;
  #awaited: { readonly key: number; readonly output: number } | undefined;
  readonly #result = { letters: 0, atOnce: 0, whole: 0, keys: 0 };
  readonly #wrongKeys = new Set<number>();
  readonly #late: string[] = [];
  readonly #mistakes: string[] = [];

  constructor(recording: Recording, options: ReplayOptions, truth: Truth) {
    this.#options = options;
    this.#truth = truth;
    this.#dice = diceFrom(options.seed ?? 1);
    this.#engine = new PredictionEngine({ mode: options.mode ?? 'adaptive' });
    this.#emulator = new Emulator(recording.head);
    const { before, keys } = played(recording);
    this.#before = before;
    this.#keys = keys;
    this.#state = blankState(recording.head.cols, recording.head.rows);
    this.#shown = this.#state.screen;
  }

  run(): ReplayResult {
    this.#engine.server(0, this.#state, this.#options.rttMs);
    this.#answer(this.#before, 0);
    const [first] = this.#keys;
    if (first !== undefined) this.#agenda.add(first.at + this.#options.rttMs, () => this.#type(0));
    this.#agenda.run();
    const end = this.#agenda.now;
    const shown = this.#engine.overlay(end);
    if (shown !== this.#state.screen || !equalScreens(shown, this.#truth.last)) {
      throw new Error('the screen in the end is not what the program showed');
    }
    const { letters, atOnce, whole, keys } = this.#result;
    const wrong = this.#wrongKeys.size;
    return { letters, atOnce, whole, wrong, keys, late: this.#late, mistakes: this.#mistakes };
  }

  #type(index: number): void {
    const key = this.#keys[index];
    if (key === undefined) return;
    const { now } = this.#agenda;
    this.#typed = index;
    this.#offset += key.bytes.length + 1;
    this.#engine.typed(now, key.bytes, this.#offset);
    this.#look();
    this.#judge(index, this.#truth.keys[index]);
    const offset = this.#offset;
    this.#arrivedAt = Math.max(this.#arrivedAt, now + this.#wayMs(true));
    this.#agenda.add(this.#arrivedAt, () => this.#arrive(key, offset));
    const next = this.#keys[index + 1];
    if (next === undefined) return;
    if (!key.waits) this.#agenda.add(now + (next.at - key.at), () => this.#type(index + 1));
  }

  /** The server gets a key. */
  #arrive(key: PlayedKey, offset: number): void {
    const { now } = this.#agenda;
    this.#answer(key.answers, now + this.#busyMs());
    this.#agenda.add(now + ECHO_MS, () => {
      this.#echoed = offset;
      const isSeen = this.#changedAt >= now && isPlainEcho(this.#emulator.snapshot(), key.bytes.at(-1));
      this.#frame(isSeen ? ECHO_RIDE_MS : 0);
    });
    if (key.waits) this.#agenda.add(Math.max(this.#answeredAt, now + ECHO_MS), () => this.#awaitFrame(key));
  }

  #answer(answers: PlayedKey['answers'], from: number): void {
    for (const { afterMs, output, tty } of answers) {
      this.#answeredAt = Math.max(this.#answeredAt, from + afterMs);
      this.#agenda.add(this.#answeredAt, () => {
        if (tty !== undefined) this.#tty = tty;
        if (output !== undefined) {
          this.#emulator.write(Buffer.from(output, 'latin1'));
          this.#changedAt = this.#agenda.now;
        }
        this.#frame(FRAME_DELAY_MS);
      });
    }
  }

  /** The user has seen all that came of the key when a frame with it is there. */
  #awaitFrame(key: PlayedKey): void {
    this.#awaited = { key: this.#keys.indexOf(key), output: this.#frameNumber };
    this.#frame(0, true);
  }

  #frame(delayMs: number, always = false): void {
    const at = Math.max(this.#agenda.now + delayMs, this.#frameAt + FRAME_MS);
    if (at >= this.#frameDue && !always) return;
    this.#frameDue = Math.min(this.#frameDue, at);
    this.#agenda.add(at, () => this.#send(always));
  }

  #send(always: boolean): void {
    const state: EchoState = { screen: this.#emulator.snapshot(), echoed: this.#echoed, tty: this.#tty };
    this.#frameDue = Number.POSITIVE_INFINITY;
    const { screen, echoed, tty } = this.#sent ?? {};
    if (!always && screen === state.screen && echoed === state.echoed && tty === state.tty) return;
    this.#sent = state;
    this.#frameAt = this.#agenda.now;
    const number = this.#frameNumber++;
    this.#agenda.add(this.#agenda.now + this.#wayMs(false), () => this.#receive(number, state));
  }

  #receive(number: number, state: EchoState): void {
    if (number <= this.#newest) return;
    this.#newest = number;
    this.#state = state;
    this.#engine.server(this.#agenda.now, state, this.#options.rttMs);
    this.#look();
    const awaited = this.#awaited;
    if (awaited === undefined || number < awaited.output) return;
    this.#awaited = undefined;
    const next = this.#keys[awaited.key + 1];
    const key = this.#keys[awaited.key];
    if (next === undefined || key === undefined) return;
    const quietFrom = key.at + Math.max(0, ...key.answers.map(({ afterMs }) => afterMs));
    const gap = Math.max(LEAST_GAP_MS, next.at - quietFrom - QUIET_MS);
    // What told of the key's effect may have come before this frame, but no later than the echo took.
    this.#agenda.add(this.#agenda.now + gap, () => this.#type(awaited.key + 1));
  }

  /** How much later than it was recorded the program answers. */
  #busyMs(): number {
    const { busyShare = 0, busyMs = 0 } = this.#options;
    if (busyShare === 0) return 0;
    return this.#dice.next() < busyShare ? busyMs * (0.3 + 0.7 * this.#dice.next()) : 0;
  }

  /** One way over the link; what is lost on it is sent again. */
  #wayMs(ordered: boolean): number {
    const { rttMs, jitterMs = 0, loss = 0 } = this.#options;
    let ms = rttMs / 2 + this.#dice.next() * jitterMs;
    for (let tries = 0; tries < 8 && this.#dice.next() < loss; tries++) ms += ordered ? 20 + rttMs * tries : 30;
    return ms;
  }

  /** Looks at what is shown now, and once more when the engine says that it may change. */
  #look(): void {
    const { now } = this.#agenda;
    const screen = this.#engine.overlay(now);
    for (const [row, cells] of screen.rows.entries()) {
      if (cells === this.#shown.rows[row] || cells === this.#state.screen.rows[row]) continue;
      for (let col = 0; col < screen.cols; col++) {
        const text = textAt(cells, col);
        if (text.trim() === '' || text === textAt(this.#shown.rows[row], col)) continue;
        if (this.#truth.everHeld(row, col, text)) continue;
        this.#wrongKeys.add(this.#typed);
        this.#mistakes.push(this.#describe(this.#typed, `${text} at ${row},${col}`));
      }
    }
    this.#shown = screen;
    const next = this.#engine.nextTimeout(now);
    if (next < Number.POSITIVE_INFINITY) this.#agenda.add(Math.max(next, now + 1), () => this.#look());
  }

  #judge(index: number, truth: TruthOfKey | undefined): void {
    this.#result.keys++;
    if (truth?.letter === undefined) return;
    const isRight = ({ row, col, text }: { row: number; col: number; text: string }): boolean =>
      textAt(this.#shown.rows[row], col) === text;
    this.#result.letters++;
    if (isRight(truth.letter)) this.#result.atOnce++;
    if (truth.changes.every(isRight)) this.#result.whole++;
    else this.#late.push(this.#describe(index, isRight(truth.letter) ? 'not whole' : 'late'));
  }

  #describe(index: number, what: string): string {
    const typed = this.#keys
      .slice(Math.max(0, index - 11), index)
      .map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
      .join('');
    const key = Buffer.from(this.#keys[index]?.bytes ?? []).toString('utf8');
    const { rows, cursorRow } = this.#state.screen;
    let row = '';
    for (let col = 0; col < this.#state.screen.cols; col++) row += textAt(rows[cursorRow], col);
    return `${index} ${JSON.stringify(typed)} ${JSON.stringify(key)} ${what} | ${row.trimEnd()}`;
  }
}

function played({ events }: Recording): { before: PlayedKey['answers']; keys: readonly PlayedKey[] } {
  const before: PlayedKey['answers'] = [];
  const keys: PlayedKey[] = [];
  for (const event of events) {
    const last = keys.at(-1);
    if ('keys' in event) {
      const bytes = Buffer.from(event.keys, 'latin1');
      keys.push({ at: event.at, bytes, waits: event.waits === true, answers: [] });
      continue;
    }
    const answers = last?.answers ?? before;
    const afterMs = event.at - (last?.at ?? 0);
    if ('output' in event) answers.push({ afterMs, output: event.output });
    else {
      const [echo, canonical, program] = event.tty;
      answers.push({ afterMs, tty: { echo, canonical, program } });
    }
  }
  return { before, keys };
}
