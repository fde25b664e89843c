/** Arbitrary changes of a screen's properties, as programs make them, and the check that properties are valid. */

import fc from 'fast-check';
import {
  type Copied,
  MAX_CLIPBOARD,
  MAX_DIRECTORY,
  MAX_NOTICE_TEXT,
  MAX_NOTICE_TITLE,
  MAX_NOTICES,
  type Notice,
  type Properties,
} from '../../protocol/screen/properties.ts';

/** What a program does to properties. */
export type PropertyStep =
  | { readonly kind: 'palette'; readonly index: number; readonly color: number | undefined }
  | { readonly kind: 'foreground' | 'background' | 'cursor'; readonly color: number | undefined }
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'progress'; readonly progress: number }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'copy'; readonly copied: Copied }
  | { readonly kind: 'paste' };

const arbitraryColor = fc.option(fc.nat(0xff_ffff), { nil: undefined });

export const arbitraryPropertyStep: fc.Arbitrary<PropertyStep> = fc.oneof(
  fc.record({ kind: fc.constant('palette' as const), index: fc.constantFrom(0, 1, 7, 255), color: arbitraryColor }),
  fc.record({ kind: fc.constantFrom('foreground' as const, 'background', 'cursor'), color: arbitraryColor }),
  fc.record({
    kind: fc.constant('directory' as const),
    directory: fc.constantFrom('', 'file://host/a', 'file://host/%C3%A9', 'x'.repeat(MAX_DIRECTORY)),
  }),
  fc.record({
    kind: fc.constant('progress' as const),
    progress: fc.oneof(
      fc.constant(0),
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(100)).map(([state, percent]) => (state << 8) | percent),
    ),
  }),
  fc.record({
    kind: fc.constant('notice' as const),
    notice: fc.record({
      title: fc.constantFrom('', 'make', '中'.repeat(MAX_NOTICE_TITLE)),
      text: fc.constantFrom('', 'done', 'é'.repeat(MAX_NOTICE_TEXT)),
    }),
  }),
  fc.record({
    kind: fc.constant('copy' as const),
    copied: fc.record({
      selection: fc.constantFrom('c' as const, 'p'),
      bytes: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(new Uint8Array(MAX_CLIPBOARD))),
    }),
  }),
  fc.record({ kind: fc.constant('paste' as const) }),
);

/** The properties after a step. */
export function withProperty(before: Properties, step: PropertyStep): Properties {
  switch (step.kind) {
    case 'palette': {
      const palette = new Map(before.colors.palette);
      if (step.color === undefined) palette.delete(step.index);
      else palette.set(step.index, step.color);
      return { ...before, colors: { ...before.colors, palette } };
    }
    case 'foreground':
    case 'background':
    case 'cursor':
      return { ...before, colors: { ...before.colors, [step.kind]: step.color } };
    case 'directory':
      return { ...before, directory: step.directory };
    case 'progress':
      return { ...before, progress: step.progress };
    case 'notice':
      return {
        ...before,
        notices: [...before.notices, step.notice].slice(-MAX_NOTICES),
        noticeCount: (before.noticeCount + 1) >>> 0,
      };
    case 'copy':
      return { ...before, copied: step.copied, copyCount: (before.copyCount + 1) >>> 0 };
    case 'paste':
      return { ...before, pasteCount: (before.pasteCount + 1) >>> 0 };
  }
}

/** Why properties are not valid, undefined if they are. */
export function propertiesFault(properties: Properties): string | undefined {
  const { colors, directory, progress, notices, copied } = properties;
  for (const [index, color] of colors.palette) {
    if (!isWhole(index, 255) || !isWhole(color, 0xff_ffff)) return `the palette has ${index}: ${color}`;
  }
  for (const color of [colors.foreground, colors.background, colors.cursor]) {
    if (color !== undefined && !isWhole(color, 0xff_ffff)) return `there is a colour ${color}`;
  }
  if (directory.length > MAX_DIRECTORY || !/^[ -~]*$/.test(directory)) return 'the directory is bad';
  const isProgress = progress === 0 || (progress >> 8 >= 1 && isWhole(progress >> 8, 4) && (progress & 0xff) <= 100);
  if (!isProgress) return `there is a progress ${progress}`;
  if (notices.length > MAX_NOTICES) return 'there are too many notices';
  for (const { title, text } of notices) {
    if (title.length > MAX_NOTICE_TITLE || text.length > MAX_NOTICE_TEXT) return 'a notice is long';
    if (/[\x00-\x1f\x7f-\x9f]/.test(title + text)) return 'a notice has controls';
  }
  if ((copied?.bytes.length ?? 0) > MAX_CLIPBOARD) return 'too much was copied';
  for (const count of [properties.noticeCount, properties.copyCount, properties.pasteCount]) {
    if (!isWhole(count, 0xffff_ffff)) return `there is a count ${count}`;
  }
  return undefined;
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
