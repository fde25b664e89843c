/**
 * The conditions of mosh's paper (Winstein and Balakrishnan, "Mosh: An Interactive Remote Shell for Mobile Clients", USENIX ATC 2012,
 * §4) and the figures that it gives for each, to be printed beside what the lab measures. They are times from a key to its display,
 * replayed from 40 hours of six people's sessions: other keys than the lab's, so that the shape is to be compared, not the digits.
 */

import type { LinkPreset } from '../link/link-preset.ts';
import { findPreset } from '../link/presets.ts';

/** Key latency in ms as published. A median that the paper gives as "less than 5 ms" is `medianBelowMs`. */
export interface PublishedFigures {
  readonly medianMs?: number;
  readonly medianBelowMs?: number;
  readonly meanMs?: number;
  /** The standard deviation. */
  readonly sigmaMs?: number;
}

export interface PaperCondition {
  readonly title: string;
  readonly link: LinkPreset;
  /** False: mosh's predictions were switched off (`mosh --predict=never`), to see the protocol alone. */
  readonly predictions: boolean;
  /** Only what could be checked; that a figure is absent here says nothing of the paper. */
  readonly published: Readonly<Record<'ssh' | 'mosh', PublishedFigures>>;
}

export const PAPER_CONDITIONS: readonly PaperCondition[] = [
  {
    title: 'EV-DO (3G)',
    link: findPreset('3g-evdo'),
    predictions: true,
    published: { ssh: { medianMs: 503 }, mosh: { medianBelowMs: 5 } },
  },
  {
    title: 'LTE with one TCP download',
    link: findPreset('lte-bufferbloat'),
    predictions: true,
    published: { ssh: {}, mosh: {} },
  },
  {
    title: 'MIT to Singapore',
    link: findPreset('singapore'),
    predictions: true,
    published: { ssh: { medianMs: 273 }, mosh: {} },
  },
  {
    title: '29 % loss each way, 100 ms round trip, no predictions',
    link: findPreset('lossy-29'),
    predictions: false,
    published: { ssh: { medianMs: 416, meanMs: 16_800 }, mosh: { medianMs: 222, meanMs: 329 } },
  },
];
