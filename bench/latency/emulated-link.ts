/**
 * An emulated link as the run sees it: a lab around it, its proof by ping, and what goes on beside a session on it.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Download } from '../lab/download.ts';
import { HOST, SERVER_V4 } from '../lab/lab.ts';
import type { LinkEvent, LinkPreset, Timetable } from '../link/link-preset.ts';
import { proveLink } from '../link/proof.ts';
import { LabPlace } from './lab-place.ts';
import type { Place } from './place.ts';
import type { LinkPlan } from './run.ts';

/** A download that has not filled the queue by then won't: the link is faster than this machine. */
const FILLING_MS_MAX = 60_000;

export interface EmulationOptions {
  /** Impaired by the kernel's netem instead of by ourselves. */
  readonly netem: boolean;
  readonly seed: number;
}

/** The plan for a preset, or for a link of the user's own. */
export function emulatedLink(preset: LinkPreset, { netem, seed }: EmulationOptions): LinkPlan {
  const { name, title, source, asked, options, timetable } = preset;
  const besides: ((place: LabPlace) => Promise<() => Promise<void>>)[] = [];
  if (preset.download) besides.push(download);
  if (timetable !== undefined) besides.push(async (place) => keepTimetable(place, timetable));
  return {
    name,
    title,
    source,
    asked,
    open: () => LabPlace.open({ link: options, netem }),
    prove: async (place) => {
      const { lab } = labPlace(place);
      const { proof, disagreement } = await proveLink(
        lab.link,
        { prefix: lab.client.prefix, address: SERVER_V4 },
        options,
        seed,
      );
      if (disagreement !== undefined)
        throw new Error(`the link is not what was asked for, so it is not measured on: ${disagreement}`);
      return proof;
    },
    beside: async (place) => {
      const ends: (() => Promise<void>)[] = [];
      for (const begin of besides) ends.push(await begin(labPlace(place)));
      return async () => {
        for (const end of ends) await end();
      };
    },
  };
}

async function download(place: LabPlace): Promise<() => Promise<void>> {
  const { client, server, link } = place.lab;
  const download = await Download.start({ client, server, address: SERVER_V4 });
  await download.untilQueueStands(link, FILLING_MS_MAX);
  return () => download.stop();
}

/** Lets the events of a timetable happen, over and over, from now until the answer is called. */
function keepTimetable(place: LabPlace, { periodMs, events }: Timetable): () => Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const wait = (ms: number): Promise<void> => sleep(Math.max(0, ms), undefined, { signal });
  const happen = async (event: LinkEvent): Promise<void> => {
    if (event.kind === 'move') return await place.network.move();
    await place.network.setOutage(true);
    await wait(event.forMs);
    await place.network.setOutage(false);
  };
  const go = async (): Promise<void> => {
    const startedAt = performance.now();
    for (let turn = 0; ; turn++) {
      for (const event of events) {
        await wait(startedAt + turn * periodMs + event.atMs - performance.now());
        await happen(event);
      }
    }
  };
  const gone = go().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return async () => {
    ended.abort();
    await gone;
    await place.network.setOutage(false);
  };
}

function labPlace(place: Place): LabPlace {
  if (place instanceof LabPlace) return place;
  throw new Error(`${HOST} is not where this link leads`);
}
