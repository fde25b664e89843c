/**
 * The run: link after link, turn after turn, until the medians are known or the time is up. Whatever happens on the way, what was
 * measured until then is in the report.
 */

import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { basename, isAbsolute } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { LabShell } from '../lab/shells.ts';
import { checkReference, joinReferences, learnReference, type Reference } from '../measure/reference.ts';
import { FORMAT, type LinkProof, type LinkReport, type Machine, type Report, type Turn } from '../measure/result.ts';
import type { Act } from '../work/act.ts';
import type { TypedWork } from '../work/stroke.ts';
import type { Place } from './place.ts';
import type { ProgressEvent } from './progress.ts';
import { nextTurn } from './schedule.ts';
import { firstLine, type PlannedWork, takeTurn } from './turn.ts';

/** One link, or the one real path. */
export interface LinkPlan {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly asked: Readonly<Record<string, number>>;
  open(): Promise<Place>;
  /** How a shell is started here, where that is not the usual. */
  shell?(shell: LabShell): LabShell;
  /** Measures the link by itself; throws one line when it is not what was asked for. */
  prove?(place: Place): Promise<LinkProof>;
  /** Begins what goes on beside a turn (a download, a timetable of outages); the answer ends it. */
  beside?(place: Place): Promise<() => Promise<void>>;
}

export interface RunPlan {
  readonly command: readonly string[];
  readonly links: readonly LinkPlan[];
  readonly shells: readonly LabShell[];
  readonly baseline: string;
  /** The works that are typed, in the order of a turn; their screens are always the same, and the seed draws the gaps between keys. */
  readonly typed: (gapSeed: number) => readonly TypedWork[];
  /** Those that are acted, after them. */
  readonly acts: readonly Act[];
  readonly repetitionsMin: number;
  readonly repetitionsMax: number;
  readonly timeMs: number | undefined;
  readonly seed: number;
  /** What was left out before anything began. */
  readonly leftOut: readonly string[];
  readonly onProgress: (event: ProgressEvent) => void;
  /** Asks to stop; what was measured is reported. */
  readonly signal: AbortSignal;
}

export async function runLab(plan: RunPlan): Promise<Report> {
  const begun = { startedAt: new Date().toISOString(), at: performance.now(), machine: machine() };
  const shells = plan.shells.map((shell) => ({
    name: shell.name,
    version: shell.version(),
    // Where the programs lie here says nothing to anybody else.
    command: shell
      .commandLine({ host: 'HOST' })
      .map((word) => (isAbsolute(word) ? basename(word) : word))
      .join(' '),
  }));
  plan.onProgress({
    kind: 'begun',
    links: plan.links.map(({ name }) => name),
    shells: shells.map(({ name }) => name),
    turnsPerLink: plan.shells.length * plan.repetitionsMin,
    timeMs: plan.timeMs,
  });
  const run = new Run(plan, begun.at);
  const links: LinkReport[] = [];
  for (const [index, link] of plan.links.entries()) {
    if (plan.signal.aborted) break;
    const now = performance.now();
    const leftMs = begun.at + (plan.timeMs ?? Number.POSITIVE_INFINITY) - now;
    links.push(await run.measure(link, now + leftMs / (plan.links.length - index)));
  }
  plan.onProgress({ kind: 'done' });
  const isEven = ({ turns }: LinkReport): boolean => turns.length > 0 && turns.length % plan.shells.length === 0;
  return {
    format: FORMAT,
    startedAt: begun.startedAt,
    endedAt: new Date().toISOString(),
    command: plan.command,
    complete: !plan.signal.aborted && links.every(isEven),
    seed: plan.seed,
    machine: begun.machine,
    shells,
    baseline: plan.baseline,
    links,
    leftOut: [...plan.leftOut, ...run.leftOut],
  };
}

class Run {
  readonly leftOut: string[] = [];
  readonly #plan: RunPlan;
  readonly #startedAt: number;
  /** What the works show, by name: the same on every link, since no link is between. */
  readonly #references = new Map<string, Reference>();
  readonly #unfit = new Set<string>();

  constructor(plan: RunPlan, startedAt: number) {
    this.#plan = plan;
    this.#startedAt = startedAt;
  }

  /** All turns on one link. Never throws: what went wrong is in the report. */
  async measure(link: LinkPlan, deadline: number): Promise<LinkReport> {
    const { name, title, source, asked } = link;
    const { onProgress } = this.#plan;
    const turns: Turn[] = [];
    let proof: LinkProof | undefined;
    let place: Place | undefined;
    onProgress({ kind: 'link', name, title });
    try {
      place = await link.open();
      if (link.prove !== undefined) {
        onProgress({ kind: 'preparing', what: 'ping proves the link' });
        proof = await link.prove(place);
        onProgress({ kind: 'proved', proof });
      }
      await this.#takeTurns(link, place, deadline, turns);
    } catch (error) {
      this.#leaveOut(firstLine(error), `${name}: `);
    } finally {
      await place?.close();
    }
    return { name, title, source, asked, ...(proof === undefined ? {} : { proof }), turns };
  }

  async #takeTurns(link: LinkPlan, place: Place, deadline: number, turns: Turn[]): Promise<void> {
    const { shells, onProgress, signal } = this.#plan;
    const options = { ...this.#plan, shells: shells.map(({ name }) => name) };
    for (;;) {
      const next = signal.aborted ? undefined : nextTurn(options, turns, performance.now() >= deadline);
      const shell = shells.find(({ name }) => name === next?.shell);
      if (next === undefined || shell === undefined) return;
      const works = await this.#works(place, next.seed);
      onProgress({ kind: 'turn', shell: next.shell, repetition: next.repetition });
      // First of all the client is at home again: what goes on beside the turn goes on from there.
      await place.reseed(next.seed);
      const endBeside = await link.beside?.(place);
      try {
        const turn = await takeTurn(place, {
          shell: link.shell?.(shell) ?? shell,
          repetition: next.repetition,
          seed: next.seed,
          startedMs: performance.now() - this.#startedAt,
          works,
          onWork: (work) => onProgress({ kind: 'work', name: work }),
          onKey: (key) => onProgress({ kind: 'key', key }),
          onFailure: (why) => onProgress({ kind: 'failure', why }),
          signal,
        });
        turns.push(turn);
        onProgress({ kind: 'turn-ended', promptMs: turn.promptMs });
      } finally {
        await endBeside?.();
      }
    }
  }

  /** The works with the gaps of a seed, and what they show; learnt the first time. */
  async #works(place: Place, gapSeed: number): Promise<readonly PlannedWork[]> {
    const planned: PlannedWork[] = [];
    for (const work of this.#plan.typed(gapSeed)) {
      const reference = await this.#reference(place, work);
      if (reference !== undefined) planned.push({ kind: 'typed', work, reference });
    }
    for (const act of this.#plan.acts) {
      if (act.needsNetwork && place.network === undefined) this.#leaveOut(`${act.name}: this needs an emulated link`);
      else if (await this.#isPlayable(place, act)) planned.push({ kind: 'act', work: act });
    }
    return planned;
  }

  async #reference(place: Place, work: TypedWork): Promise<Reference | undefined> {
    const known = this.#references.get(work.name);
    if (known !== undefined || this.#plan.signal.aborted) return known;
    if (!(await this.#isPlayable(place, work))) return undefined;
    this.#plan.onProgress({ kind: 'preparing', what: `playing ${work.name} without a shell between` });
    // Played twice, side by side: a work that differs from itself can't judge anybody.
    await place.putFiles(work.files);
    const [first, second] = await Promise.all([learn(place, work), learn(place, work)]);
    const [difference] = checkReference(first, second);
    if (difference !== undefined) {
      this.#unfit.add(work.name);
      this.#leaveOut(`${work.name}: it does not play the same way twice: ${difference}`);
      return undefined;
    }
    const reference = joinReferences(first, second);
    this.#references.set(work.name, reference);
    return reference;
  }

  async #isPlayable(place: Place, work: TypedWork | Act): Promise<boolean> {
    if (this.#unfit.has(work.name)) return false;
    for (const program of work.programs) {
      if (await place.has(program)) continue;
      this.#unfit.add(work.name);
      this.#leaveOut(`${work.name}: ${program} is not installed where the shells lead`);
      return false;
    }
    return true;
  }

  /** `where`, for those who read it later. */
  #leaveOut(why: string, where = ''): void {
    if (this.leftOut.includes(where + why)) return;
    this.leftOut.push(where + why);
    this.#plan.onProgress({ kind: 'failure', why });
  }
}

async function learn(place: Place, work: TypedWork): Promise<Reference> {
  const session = await place.reference();
  try {
    return await learnReference(session.terminal, work.strokes, place.settling);
  } finally {
    await session.close();
  }
}

function machine(): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() || 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}
