/**
 * The part of a screen diff that concerns no cell (SPEC.md §9.1): from the properties of one screen to those of another. Counters travel as
 * their growth, and of a palette only what changed.
 */

import { DecodeError, type Reader, type Writer } from '../bytes.ts';
import { HAS_COLORS, HAS_COPIED, HAS_DIRECTORY, HAS_NOTICES, HAS_PASTES, HAS_PROGRESS } from './diff-format.ts';
import { readAscii, readText, writeText } from './printable.ts';
import {
  type Colors,
  type Copied,
  equalColors,
  equalCopied,
  equalNotices,
  MAX_CLIPBOARD,
  MAX_DIRECTORY,
  MAX_NOTICE_TEXT,
  MAX_NOTICE_TITLE,
  MAX_NOTICES,
  NO_COLORS,
  type Notice,
  type Properties,
} from './properties.ts';

const MAX_COUNT = 0xffff_ffff;
const PALETTE = 256;
const MAX_PROGRESS_STATE = 4;
const MAX_PERCENT = 100;
const DYNAMIC = ['foreground', 'background', 'cursor'] as const;
/** Bits of what changed among colours: one for each of DYNAMIC, and the palette. */
const PALETTE_CHANGED = 1 << DYNAMIC.length;
/** A colour that is the terminal's own again; one that is set has a 1 and three bytes. */
const OWN = 0;
const SET = 1;
/** What was copied last: nothing, into the clipboard, into the primary selection. */
const NOTHING = 0;
const CLIPBOARD = 1;
const PRIMARY = 2;

/** The flags of diff-format.ts for what differs. */
export function propertyFlags(from: Properties, to: Properties): number {
  if (from === to) return 0;
  const copied = from.copyCount !== to.copyCount || !equalCopied(from.copied, to.copied);
  return (
    (equalColors(from.colors, to.colors) ? 0 : HAS_COLORS) |
    (from.directory === to.directory ? 0 : HAS_DIRECTORY) |
    (from.progress === to.progress ? 0 : HAS_PROGRESS) |
    (from.noticeCount === to.noticeCount && equalNotices(from.notices, to.notices) ? 0 : HAS_NOTICES) |
    (copied ? HAS_COPIED : 0) |
    (from.pasteCount === to.pasteCount ? 0 : HAS_PASTES)
  );
}

/** Writes what `flags` announce. */
export function writeProperties(writer: Writer, flags: number, from: Properties, to: Properties): void {
  if ((flags & HAS_COLORS) !== 0) writeColors(writer, from.colors, to.colors);
  if ((flags & HAS_DIRECTORY) !== 0) writeText(writer, to.directory);
  if ((flags & HAS_PROGRESS) !== 0) writer.varint(to.progress);
  if ((flags & HAS_NOTICES) !== 0) {
    writer.varint((to.noticeCount - from.noticeCount) >>> 0);
    writeNotices(writer, from.notices, to.notices);
  }
  if ((flags & HAS_COPIED) !== 0) {
    writer.varint((to.copyCount - from.copyCount) >>> 0);
    writeCopied(writer, to.copied);
  }
  if ((flags & HAS_PASTES) !== 0) writer.varint((to.pasteCount - from.pasteCount) >>> 0);
}

/** The properties that they make of `base`. Throws DecodeError. */
export function readProperties(reader: Reader, flags: number, base: Properties): Properties {
  let { colors, directory, progress, notices, noticeCount, copied, copyCount, pasteCount } = base;
  if ((flags & HAS_COLORS) !== 0) colors = readColors(reader, colors);
  if ((flags & HAS_DIRECTORY) !== 0) directory = readAscii(reader, MAX_DIRECTORY, 'a directory');
  if ((flags & HAS_PROGRESS) !== 0) progress = readProgress(reader);
  if ((flags & HAS_NOTICES) !== 0) {
    noticeCount = (noticeCount + reader.count(MAX_COUNT, 'notices')) >>> 0;
    notices = readNotices(reader, notices);
  }
  if ((flags & HAS_COPIED) !== 0) {
    copyCount = (copyCount + reader.count(MAX_COUNT, 'copies')) >>> 0;
    copied = readCopied(reader);
  }
  if ((flags & HAS_PASTES) !== 0) pasteCount = (pasteCount + reader.count(MAX_COUNT, 'pastes')) >>> 0;
  return { colors, directory, progress, notices, noticeCount, copied, copyCount, pasteCount };
}

function writeColors(writer: Writer, from: Colors, to: Colors): void {
  const changed = [...new Set([...from.palette.keys(), ...to.palette.keys()])].filter(
    (index) => from.palette.get(index) !== to.palette.get(index),
  );
  const dynamic = DYNAMIC.reduce((bits, name, i) => (from[name] === to[name] ? bits : bits | (1 << i)), 0);
  writer.u8(dynamic | (changed.length === 0 ? 0 : PALETTE_CHANGED));
  for (const name of DYNAMIC) if (from[name] !== to[name]) writeColor(writer, to[name]);
  if (changed.length === 0) return;
  writer.varint(changed.length);
  for (const index of changed) {
    writer.u8(index);
    writeColor(writer, to.palette.get(index));
  }
}

function readColors(reader: Reader, base: Colors): Colors {
  const bits = reader.u8();
  if (bits >= 2 * PALETTE_CHANGED) throw new DecodeError(`Cannot read colours: ${bits} has unknown ones`);
  const [foreground, background, cursor] = DYNAMIC.map((name, i) =>
    (bits & (1 << i)) === 0 ? base[name] : readColor(reader),
  );
  let { palette } = base;
  if ((bits & PALETTE_CHANGED) !== 0) {
    const changed = new Map(palette);
    for (let left = reader.count(PALETTE, 'colours'); left > 0; left--) {
      const index = reader.u8();
      const color = readColor(reader);
      if (color === undefined) changed.delete(index);
      else changed.set(index, color);
    }
    palette = changed;
  }
  const isPlain = palette.size === 0 && foreground === undefined && background === undefined && cursor === undefined;
  return isPlain ? NO_COLORS : { palette, foreground, background, cursor };
}

function writeColor(writer: Writer, color: number | undefined): void {
  writer.u8(color === undefined ? OWN : SET);
  if (color === undefined) return;
  writer.u8(color >> 16);
  writer.u16(color & 0xffff);
}

function readColor(reader: Reader): number | undefined {
  const kind = reader.u8();
  if (kind > SET) throw new DecodeError(`Cannot read a colour: no kind is ${kind}`);
  return kind === OWN ? undefined : (reader.u8() << 16) | reader.u16();
}

function readProgress(reader: Reader): number {
  const progress = reader.count((MAX_PROGRESS_STATE << 8) | MAX_PERCENT, 'progress');
  if ((progress & 0xff) > MAX_PERCENT || (progress > 0 && progress < 0x100)) {
    throw new DecodeError(`Cannot read progress: ${progress} is none`);
  }
  return progress;
}

function writeNotices(writer: Writer, from: readonly Notice[], to: readonly Notice[]): void {
  // Of the old ones the newest are still there, mostly.
  let kept = Math.min(from.length, to.length);
  while (kept > 0 && !equalNotices(from.slice(-kept), to.slice(0, kept))) kept--;
  const fresh = to.slice(kept);
  writer.varint(kept);
  writer.varint(fresh.length);
  for (const { title, text } of fresh) {
    writeText(writer, title);
    writeText(writer, text);
  }
}

function readNotices(reader: Reader, base: readonly Notice[]): readonly Notice[] {
  const kept = reader.count(base.length, 'notices to keep');
  const notices = kept === 0 ? [] : base.slice(-kept);
  for (let left = reader.count(MAX_NOTICES - kept, 'notices'); left > 0; left--) {
    const title = readText(reader, MAX_NOTICE_TITLE, 'the title of a notice');
    notices.push({ title, text: readText(reader, MAX_NOTICE_TEXT, 'the text of a notice') });
  }
  return notices;
}

function writeCopied(writer: Writer, copied: Copied | undefined): void {
  writer.u8(copied === undefined ? NOTHING : copied.selection === 'c' ? CLIPBOARD : PRIMARY);
  if (copied === undefined) return;
  writer.varint(copied.bytes.length);
  writer.bytes(copied.bytes);
}

function readCopied(reader: Reader): Copied | undefined {
  const kind = reader.u8();
  if (kind > PRIMARY) throw new DecodeError(`Cannot read what was copied: no selection is ${kind}`);
  if (kind === NOTHING) return undefined;
  const bytes = reader.take(reader.count(MAX_CLIPBOARD, 'what was copied')).slice();
  return { selection: kind === CLIPBOARD ? 'c' : 'p', bytes };
}
