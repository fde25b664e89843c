/**
 * One shell's turn on a link: a session from its start, through every work, to its end. What fails is written down and the next
 * work goes on in a new session, since a user would start one, too.
 */

import { performance } from 'node:perf_hooks';
import type { LabShell } from '../lab/shells.ts';
import { diceFrom } from '../link/random.ts';
import { typeAndWatch } from '../measure/key-watch.ts';
import type { Reference } from '../measure/reference.ts';
import { INTERRUPTED, type KeyReport, type Turn, type WorkReport } from '../measure/result.ts';
import type { Act, Stage } from '../work/act.ts';
import type { TypedWork } from '../work/stroke.ts';
import type { Place, PlaceSession } from './place.ts';

/** A work as it is played: what is typed comes with what must be seen. */
export type PlannedWork =
  | { readonly kind: 'typed'; readonly work: TypedWork; readonly reference: Reference }
  | { readonly kind: 'act'; readonly work: Act };

export interface TurnPlan {
  readonly shell: LabShell;
  readonly repetition: number;
  readonly seed: number;
  /** Since the start of the run. */
  readonly startedMs: number;
  readonly works: readonly PlannedWork[];
  readonly onWork: (name: string) => void;
  readonly onKey: (key: KeyReport) => void;
  readonly onFailure: (why: string) => void;
  /** Asks to stop at the next work. */
  readonly signal: AbortSignal;
}

/** A key that is not on the screen by then counts as never shown: TCP's retransmissions back off to half of this. */
const KEY_TIMEOUT_MS = 30_000;
/** Sessions that a turn may lose before it is given up. */
const SESSIONS_MAX = 4;

/** Takes the turn. Never throws for what the shell does: that is in the turn. */
export async function takeTurn(place: Place, plan: TurnPlan): Promise<Turn> {
  const { shell, repetition, seed, startedMs, signal } = plan;
  await place.reseed(seed);
  const works: WorkReport[] = [];
  let promptMs: number | null | undefined;
  let failure: string | undefined;
  let session: PlaceSession | undefined;
  let sessions = 0;
  const usage = place.usage(shell);
  for (const planned of plan.works) {
    if (signal.aborted) {
      failure = INTERRUPTED;
      break;
    }
    if (session === undefined) {
      if (sessions++ >= SESSIONS_MAX) {
        failure = `gave up after ${SESSIONS_MAX} sessions`;
        break;
      }
      try {
        session = await place.open(shell);
        promptMs ??= session.promptMs;
      } catch (error) {
        promptMs ??= null;
        works.push({ work: planned.work.name, keys: [], measures: {}, durationMs: 0, failure: firstLine(error) });
        plan.onFailure(firstLine(error));
        continue;
      }
    }
    plan.onWork(planned.work.name);
    const report = await playWork(place, session, planned, plan);
    works.push(report);
    if (report.failure !== undefined) plan.onFailure(report.failure);
    if (report.failure !== undefined || (planned.kind === 'act' && planned.work.endsSessions)) {
      await session.close();
      session = undefined;
    }
  }
  await session?.close();
  return {
    shell: shell.name,
    repetition,
    seed,
    startedMs,
    promptMs: promptMs ?? null,
    works,
    ...(await usage()),
    ...(failure === undefined ? {} : { failure }),
  };
}

async function playWork(
  place: Place,
  session: PlaceSession,
  planned: PlannedWork,
  plan: TurnPlan,
): Promise<WorkReport> {
  const { name, files } = planned.work;
  const before = await place.network?.traffic();
  const startedAt = performance.now();
  let played: Pick<WorkReport, 'keys' | 'measures' | 'failure'>;
  try {
    await place.putFiles(files);
    played =
      planned.kind === 'typed'
        ? await typeWork(session, planned.work, planned.reference, plan)
        : { keys: [], measures: await planned.work.play(stageOf(place, session, plan.seed)) };
  } catch (error) {
    played = { keys: [], measures: {}, failure: firstLine(error) };
  }
  const durationMs = performance.now() - startedAt;
  const after = await place.network?.traffic();
  const traffic =
    before === undefined || after === undefined
      ? {}
      : {
          traffic: {
            upPackets: after.upPackets - before.upPackets,
            upBytes: after.upBytes - before.upBytes,
            downPackets: after.downPackets - before.downPackets,
            downBytes: after.downBytes - before.downBytes,
          },
        };
  return { work: name, ...played, ...traffic, durationMs };
}

async function typeWork(
  session: PlaceSession,
  work: TypedWork,
  reference: Reference,
  plan: TurnPlan,
): Promise<Pick<WorkReport, 'keys' | 'measures' | 'failure'>> {
  const { keys, failure } = await typeAndWatch(session.terminal, work.strokes, reference, {
    timeoutMs: KEY_TIMEOUT_MS,
    onKey: plan.onKey,
    signal: plan.signal,
  });
  return { keys, measures: {}, ...(failure === undefined ? {} : { failure }) };
}

function stageOf(place: Place, session: PlaceSession, seed: number): Stage {
  const stage = { terminal: session.terminal, dice: diceFrom(seed) };
  return place.network === undefined ? stage : { ...stage, network: place.network };
}

/** What an error says, in one line: what may follow is a screen, for the eyes of a test's reader. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
