import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textAt } from '../../client/predict/draft.ts';
import { PredictionEngine } from '../../client/predict/engine.ts';
import { programHash } from '../../client/predict/known-programs.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import type { EchoState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { atPrompt, ECHOING, HIDDEN, RAW, Stage } from './stage.ts';

/** No other text here has these letters. */
const SECRET = 'QZXJ';
const PROMPT = 'lab$ ';

describe('a password', () => {
  test('is not shown where the kernel does not echo, whatever was learnt', () => {
    const stage = atPrompt();
    stage.tty(HIDDEN, 'bash').hears().types(SECRET);
    expect(stage.screen).toBe(stage.truth);
  });

  test('is not shown by what was typed just before the kernel stopped to echo', () => {
    const stage = atPrompt();
    stage.types(SECRET);
    stage.tty(HIDDEN, 'bash').hears();
    expect(stage.screen).toBe(stage.truth);
    stage.tty(RAW, 'bash').hears();
    expect(stage.screen).toBe(stage.truth);
  });

  test.each([
    'Password: ',
    '[sudo] password for ada: ',
    "ada@host's password: ",
    'Enter passphrase for key id: ',
    'PIN> ',
    'Verification code: ',
    'Token? ',
    'Passwort: ',
    'Mot de passe : ',
    '密码：',
  ])('is not shown at %j in raw mode, though its letters echo', (prompt) => {
    const stage = new Stage().tty(RAW, 'ssh').prints(prompt).hears();
    stage.types('Q');
    stage.prints('Q').passes(200).hears('all');
    stage.types('ZX');
    expect(stage.screen).toBe(stage.truth);
  });

  test('is not shown behind stars', () => {
    const stage = new Stage().tty(RAW, 'login').prints('Answer: ').hears();
    for (const letter of '**Q**Z') {
      stage.types(letter);
      expect(stage.screen).toBe(stage.truth);
      stage.prints('*').passes(200).hears('all');
    }
  });

  test('that was typed ahead in a multiplexer is not shown though its first letters echo, and late', () => {
    const stage = new Stage({ mode: 'always' })
      .tty(RAW, 'tmux: client')
      .prints('\x1b[?2004hlab$ ')
      .hears()
      .works('true');
    stage.types('\r', 100);
    stage.prints('\r\n\x1b[?2004l').passes(200).hears('all');
    stage.types('Q', 20);
    // A busy machine: by the clock the program has answered, and only then does it.
    stage.passes(60).hears('all').prints('Q').passes(20).hears('all');
    for (const letter of 'ZX') {
      stage.types(letter, 20);
      expect(stage.screen).toBe(stage.truth);
      stage.prints(letter).hears();
    }
    stage.types('J');
    expect(stage.screen).toBe(stage.truth);
  });

  test("is not shown at fish's read -s", () => {
    const stage = new Stage().tty(RAW, 'fish').prints('\x1b[?2004hread> ').hears();
    stage.types(SECRET);
    expect(stage.screen).toBe(stage.truth);
  });

  test.each(['[sudo] password for me: ', 'Say: ', ''])(
    'is not shown at %j by a server that cannot tell how its terminal echoes',
    (prompt) => {
      const stage = new Stage().prints('\x1b[?2004hlab$ ').hears().works('true').runs('').works('cat').runs('');
      stage.works('sudo true');
      const enter = stage.types('\r');
      stage.prints(`\r\n\x1b[?2004l\r${prompt}`).passes(200).hears(enter);
      for (const letter of 'QZXJ') {
        stage.types(letter);
        expect(stage.screen).toBe(stage.truth);
        stage.passes(200).hears('all');
      }
    },
  );

  test('that is typed ahead of a prompt on a further machine is not shown by the first echo', () => {
    const stage = new Stage().tty(RAW, 'ssh').prints('\x1b[?2004hfar$ ').hears().works('sudo true');
    const enter = stage.types('\r');
    stage.prints('\r\n\x1b[?2004l\r').passes(200).hears(enter);
    stage.types('Q');
    stage.prints('Q').hears();
    stage.types('ZXJ');
    expect(stage.screen).toBe(stage.truth);
  });
});

/** What a server does, a step at a time: what it prints, and how it reads. Between any two steps anything else may happen. */
interface ServerStep {
  readonly print?: string;
  readonly tty?: 'raw' | 'echoing' | 'hidden';
  readonly program?: string;
  /** Waits until this was typed. */
  readonly reads?: string;
}

/** A command that asks for a password, and the prompt after it. `quiet`: it says nothing before; `late`: it asks before it is silent. */
function asking(kind: 'getpass' | 'read' | 'slow', program: string): ServerStep[] {
  const ask: ServerStep[] =
    kind === 'read'
      ? [{ print: 'Say: ' }, { tty: 'hidden' }]
      : kind === 'slow'
        ? [{}, {}, {}, { tty: 'hidden' }, { print: 'Say: ' }]
        : [{ tty: 'hidden' }, { print: 'Say: ' }];
  return [
    { reads: '\r' },
    { print: '\r\n\x1b[?2004l\r' },
    { tty: 'echoing' },
    { program },
    ...ask,
    { reads: '\r' },
    { print: '\r\n' },
    { tty: 'echoing' },
    { program: 'bash' },
    { tty: 'raw' },
    { print: `\x1b[?2004h${PROMPT}` },
  ];
}

const AT_ONCE_MS = 20;

/** One of what may happen next: the user types, the server gets a key, makes a step, says a state, or the client hears one. */
type Move = 'type' | 'arrive' | 'step' | 'say' | 'hear';

class Play {
  readonly #emulator = new Emulator({ cols: 30, rows: 5 });
  readonly engine = new PredictionEngine({ mode: 'always' });
  readonly #steps: ServerStep[];
  readonly #keys: string[];
  #now = 1_000;
  #modes: 'raw' | 'echoing' | 'hidden' = 'raw';
  #program = 'bash';
  #typed = 0;
  #arrived = 0;
  #written: { offset: number; at: number }[] = [];
  #toRead: string[] = [];
  #read = '';
  #asked = false;
  /** A line editor is at its prompt. */
  #editing = true;
  #flying: string[] = [];
  #said: EchoState[] = [];
  #state: EchoState;
  readonly #held = new Set<string>();

  constructor(steps: readonly ServerStep[], keys: string) {
    this.#steps = [...steps];
    this.#keys = Array.from(keys);
    this.#emulator.write(new TextEncoder().encode('\x1b[?2004hlab$ '));
    this.#state = this.#take();
    this.engine.server(this.#now, this.#state, 300);
  }

  get isOver(): boolean {
    return this.#steps.length === 0 && this.#keys.length === 0 && this.#flying.length === 0 && this.#said.length === 0;
  }

  move(move: Move, passedMs: number): void {
    // Between its question and its silence a program does nothing else.
    if (passedMs > AT_ONCE_MS && this.#steps[0]?.tty === 'hidden' && this.#asked) this.#step();
    this.#now += passedMs;
    if (move === 'type') this.#type();
    else if (move === 'arrive') this.#arrive();
    else if (move === 'step') this.#step();
    else if (move === 'say') this.#said.push(this.#take());
    else this.#hear();
  }

  /** Letters of the secret that are shown where the server has never shown them. */
  leaks(): string[] {
    const screen = this.engine.overlay(this.#now);
    const found: string[] = [];
    eachSecret(screen, (place) => {
      if (!this.#held.has(place)) found.push(place);
    });
    return found;
  }

  #type(): void {
    const key = this.#keys.shift();
    if (key === undefined) return;
    this.#flying.push(key);
    this.engine.typed(this.#now, new TextEncoder().encode(key), ++this.#typed);
  }

  #arrive(): void {
    const key = this.#flying.shift();
    if (key === undefined) return;
    this.#written.push({ offset: ++this.#arrived, at: this.#now });
    if (this.#modes === 'echoing') this.#print(key === '\r' ? '\r\n' : key);
    // A line editor reads no further than Enter.
    if (this.#editing && key !== '\r' && !this.#toRead.includes('\r')) this.#print(key);
    this.#toRead.push(key);
  }

  #step(): void {
    const [step] = this.#steps;
    if (step === undefined) return;
    if (step.reads !== undefined) {
      while (this.#toRead.length > 0 && !this.#read.endsWith(step.reads)) this.#read += this.#toRead.shift();
      if (!this.#read.endsWith(step.reads)) return;
      this.#read = '';
      this.#editing = false;
    }
    this.#steps.shift();
    this.#asked = step.print === 'Say: ';
    this.#modes = step.tty ?? this.#modes;
    this.#program = step.program ?? this.#program;
    if (step.print !== undefined) this.#print(step.print);
    // A line editor draws what was typed ahead.
    if (step.print?.endsWith(PROMPT) !== true) return;
    this.#editing = true;
    const end = this.#toRead.indexOf('\r');
    for (const key of this.#toRead.slice(0, end === -1 ? undefined : end)) this.#print(key);
  }

  #hear(): void {
    const state = this.#said.shift();
    if (state === undefined) return;
    this.#state = state;
    this.engine.server(this.#now, state, 300);
  }

  #print(text: string): void {
    this.#emulator.write(new TextEncoder().encode(text));
    eachSecret(this.#emulator.snapshot(), (place) => this.#held.add(place));
  }

  #take(): EchoState {
    const echoed = this.#written.findLast(({ at }) => this.#now - at >= 50)?.offset ?? 0;
    const { echo, canonical } = { raw: RAW, echoing: ECHOING, hidden: HIDDEN }[this.#modes];
    const tty = { echo, canonical, program: programHash(this.#program) };
    return { screen: this.#emulator.snapshot(), echoed, tty };
  }
}

function eachSecret(screen: Screen, visit: (place: string) => void): void {
  for (const [row, cells] of screen.rows.entries()) {
    for (let col = 0; col < screen.cols; col++) {
      const text = textAt(cells, col);
      if (SECRET.includes(text) && text !== '') visit(`${row} ${col} ${text}`);
    }
  }
}

const MOVES: readonly Move[] = ['type', 'arrive', 'step', 'say', 'hear'];

describe('a password typed ahead of its prompt', () => {
  const kinds = fc.constantFrom('getpass', 'read', 'slow') as fc.Arbitrary<'getpass' | 'read' | 'slow'>;
  const moves = fc.array(fc.tuple(fc.constantFrom(...MOVES), fc.constantFrom(0, 1, 20, 60, 150, 600)), {
    minLength: 30,
    maxLength: 120,
  });

  test('is not shown, in whatever order keys, program and states come', () => {
    fc.assert(
      fc.property(kinds, fc.constantFrom('sudo', 'ssh', 'bash', 'python3'), moves, (kind, program, order) => {
        const play = new Play([...asking(kind, program), ...asking(kind, program)], `x\r${SECRET}\ry\r${SECRET}\r`);
        for (const [move, passedMs] of order) {
          play.move(move, passedMs);
          expect(play.leaks()).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('is not shown on any link by any typist', () => {
    for (const kind of ['getpass', 'read', 'slow'] as const) {
      for (const rttMs of [2, 80, 500]) {
        for (const gapMs of [0, 40, 110, 300]) {
          for (const stepMs of [0, 30, 250]) {
            const play = new Play([...asking(kind, 'sudo'), ...asking(kind, 'sudo')], `x\r${SECRET}\ry\r${SECRET}\r`);
            expect(leaksOver(play, rttMs, gapMs, stepMs), `${kind} ${rttMs} ${gapMs} ${stepMs}`).toEqual([]);
          }
        }
      }
    }
  });
});

/** Plays with fixed times: keys a gap apart, steps of the program, states as they change. */
function leaksOver(play: Play, rttMs: number, gapMs: number, stepMs: number): string[] {
  const tickMs = 10;
  const due: { at: number; move: Move }[] = [];
  const leaks: string[] = [];
  let typeAt = 100;
  let stepAt = 100;
  for (let now = 0; now < 6_000 && !play.isOver; now += tickMs) {
    if (now >= typeAt) {
      due.push({ at: now, move: 'type' }, { at: now + rttMs / 2, move: 'arrive' });
      typeAt = now + Math.max(gapMs, tickMs);
    }
    if (now >= stepAt) {
      due.push({ at: now, move: 'step' });
      stepAt = now + Math.max(stepMs, tickMs);
    }
    due.push({ at: now, move: 'say' }, { at: now + rttMs / 2, move: 'hear' });
    play.move('say', tickMs);
    due.push({ at: now + rttMs / 2, move: 'hear' });
    for (const entry of due.filter(({ at }) => at <= now)) {
      due.splice(due.indexOf(entry), 1);
      play.move(entry.move, 0);
      leaks.push(...play.leaks());
    }
  }
  return leaks;
}
