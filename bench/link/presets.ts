/**
 * The links that have a name, from a local network to a train, with the source of their figures. Papers say what they saw
 * at the ends of a path, not how the path did it: where a figure is a choice of ours that leads to what they saw, `source`
 * says so.
 */

import { symmetric } from './link.ts';
import type { LinkOptions } from './link-control.ts';
import { askedOf, type LinkPreset } from './link-preset.ts';

const MOSH_PAPER =
  'Winstein and Balakrishnan, "Mosh: An Interactive Remote Shell for Mobile Clients", USENIX ATC 2012, §4';
const LTE_PAPER =
  'rates: medians of Huang et al., "A Close Examination of Performance and Power Characteristics of 4G LTE Networks", MobiSys 2012';

const LTE: LinkOptions = {
  up: { delayMs: 25, jitterMs: 20, rateBps: 6e6 },
  down: { delayMs: 25, jitterMs: 20, rateBps: 13e6, queueBytes: 1_000_000 },
};

/** What is not said of a preset: nothing beside the session, no timetable. */
type PresetWords = Omit<LinkPreset, 'asked' | 'download'> & { readonly download?: boolean };

const WORDS: readonly PresetWords[] = [
  {
    name: 'lan',
    title: 'local network, 1 ms round trip',
    source: 'our choice: a few switches and two busy kernels',
    options: symmetric(1, { rateBps: 1e9, queueBytes: 1_000_000 }),
  },
  {
    name: 'wifi',
    title: 'busy Wi-Fi, 20 ms round trip on average, uneven',
    source:
      'half of the packets take more than 20 ms on the Wi-Fi hop: Pei et al., "WiFi can be the weakest link of round trip network ' +
      'latency in the wild", INFOCOM 2016; our choice: the even spread from 4 to 36 ms, 0.2 % loss in short bursts, 30 Mbit/s',
    options: symmetric(4, { jitterMs: 16, burst: { enter: 0.001, leave: 0.5 }, rateBps: 30e6 }),
  },
  {
    name: 'lte',
    title: 'LTE, 70 ms round trip on average',
    source: `${LTE_PAPER}; our choice: 50 to 90 ms round trip`,
    options: LTE,
  },
  {
    name: 'lte-bufferbloat',
    title: 'LTE with a TCP download beside the session: seconds of queue',
    source:
      `a download on LTE that makes ssh wait for seconds: ${MOSH_PAPER}; our choice: the rest of the lte link at 3 Mbit/s, as ` +
      'behind other users of the cell, with a queue of 6 s: a CUBIC download makes ping wait for 3 to 6 s there',
    options: { up: { ...LTE.up }, down: { ...LTE.down, rateBps: 3e6, queueBytes: 2_250_000 } },
    download: true,
  },
  {
    name: '3g-evdo',
    title: '3G (EV-DO), 500 ms round trip on average, uneven',
    source: `ssh has a median of 503 ms there: ${MOSH_PAPER}; our choice: the even spread from 350 to 650 ms, 1 Mbit/s down, 0.5 up`,
    options: {
      up: { delayMs: 175, jitterMs: 150, rateBps: 0.5e6 },
      down: { delayMs: 175, jitterMs: 150, rateBps: 1e6 },
    },
  },
  {
    name: 'singapore',
    title: 'Massachusetts to Singapore by cable, 273 ms round trip',
    source: `${MOSH_PAPER}; our choice: neither jitter nor loss`,
    options: symmetric(273),
  },
  {
    name: 'satellite',
    title: 'geostationary satellite, 600 ms round trip',
    source:
      'around 600 ms by way of a geostationary satellite: Huston, "Using LEOs and GEOs", APNIC, April 2022; our choice: 25 Mbit/s ' +
      'down, 3 up, 0.5 % loss',
    options: {
      up: { delayMs: 300, rateBps: 3e6, loss: 0.005 },
      down: { delayMs: 300, rateBps: 25e6, queueBytes: 2_000_000, loss: 0.005 },
    },
  },
  {
    name: 'lossy-10',
    title: '100 ms round trip, 10 % loss each way',
    source: `our choice, half way to the 29 % of ${MOSH_PAPER}`,
    options: symmetric(100, { loss: 0.1 }),
  },
  {
    name: 'lossy-29',
    title: '100 ms round trip, 29 % loss each way: half of the round trips',
    source: MOSH_PAPER,
    options: symmetric(100, { loss: 0.29 }),
  },
  {
    name: 'train',
    title: 'on a train: LTE with handovers, a tunnel and new addresses',
    source:
      `${LTE_PAPER}; handovers and disconnections as Wang et al. describe them, "An Active-Passive Measurement Study of TCP ` +
      'Performance over LTE on High-speed Rails", MobiCom 2019; our choice: the timetable, a round trip of 60 to 160 ms, ' +
      '1 % loss in bursts',
    options: {
      up: { ...LTE.up, delayMs: 30, jitterMs: 50, burst: { enter: 0.002, leave: 0.2 } },
      down: { ...LTE.down, delayMs: 30, jitterMs: 50, burst: { enter: 0.002, leave: 0.2 } },
    },
    timetable: {
      periodMs: 60_000,
      events: [
        { atMs: 8000, kind: 'outage', forMs: 1000 },
        { atMs: 18_000, kind: 'outage', forMs: 6000 },
        { atMs: 32_000, kind: 'outage', forMs: 2000 },
        { atMs: 33_000, kind: 'move' },
        { atMs: 46_000, kind: 'outage', forMs: 1000 },
        { atMs: 55_000, kind: 'move' },
      ],
    },
  },
];

/** All of them, from good to bad. */
export const PRESETS: readonly LinkPreset[] = WORDS.map((words) => ({
  ...words,
  asked: askedOf(words.options),
  download: words.download ?? false,
}));

/** The preset of that name. Throws RangeError with one line that names those there are. */
export function findPreset(name: string): LinkPreset {
  const preset = PRESETS.find((known) => known.name === name);
  if (preset !== undefined) return preset;
  throw new RangeError(`there is no link ${name}: choose from ${PRESETS.map((known) => known.name).join(', ')}`);
}
