/**
 * What a link is to the lab beyond what it does to packets: its name, where its figures come from, what goes on
 * beside the session. And its figures as a flat record, derived from its options alone, so that what the report says
 * was asked for is what was asked for.
 */

import { traceRateBps } from './delivery-trace.ts';
import type { ImpairmentOptions } from './impairment.ts';
import type { LinkOptions } from './link-control.ts';

/** Something that happens to the network while a session lasts. */
export type LinkEvent =
  | { readonly atMs: number; readonly kind: 'outage'; readonly forMs: number }
  /** The client gets another address. */
  | { readonly atMs: number; readonly kind: 'move' };

/** Events in the order of their moments; the last is over before `periodMs`, after which they begin again. */
export interface Timetable {
  readonly periodMs: number;
  readonly events: readonly LinkEvent[];
}

export interface LinkPreset {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Where its figures come from, and which of them are a choice. */
  readonly source: string;
  readonly options: LinkOptions;
  /** `askedOf(options)`. */
  readonly asked: Readonly<Record<string, number>>;
  /** A TCP download runs beside the session and keeps the queue full. */
  readonly download: boolean;
  readonly timetable?: Timetable;
}

/** The figures of a link: `{ rttMs: 100, lossUp: 0.29, lossDown: 0.29 }`; what is perfect is not among them. */
export function askedOf(options: LinkOptions): Readonly<Record<string, number>> {
  const { up = {}, down = {} } = options;
  const asked: Record<string, number> = { rttMs: (up.delayMs ?? 0) + (down.delayMs ?? 0) };
  for (const [direction, way] of [['Up', up] as const, ['Down', down] as const]) {
    for (const [name, value] of Object.entries(figuresOf(way, direction))) if (value > 0) asked[name] = value;
  }
  return asked;
}

function figuresOf(way: ImpairmentOptions, direction: 'Up' | 'Down'): Record<string, number> {
  const isReordered = (way.reorder ?? 0) > 0;
  return {
    [`jitter${direction}Ms`]: way.jitterMs ?? 0,
    [`loss${direction}`]: way.loss ?? 0,
    [`burstEnter${direction}`]: way.burst?.enter ?? 0,
    [`burstLeave${direction}`]: way.burst?.leave ?? 0,
    [`rate${direction}Bps`]: way.rateBps ?? 0,
    [`traceRate${direction}Bps`]: way.trace === undefined ? 0 : Math.round(traceRateBps(way.trace)),
    [`queue${direction}Bytes`]: way.queueBytes ?? 0,
    [`reorder${direction}`]: way.reorder ?? 0,
    [`reorder${direction}Ms`]: isReordered ? (way.reorderMs ?? 0) : 0,
    [`duplicate${direction}`]: way.duplicate ?? 0,
  };
}
