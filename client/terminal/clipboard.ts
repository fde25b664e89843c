/**
 * What programs on the server may do with the clipboard of the user's terminal, and what they are typed when they may read it (OSC 52; xterm,
 * "Operating System Commands").
 */

import { encodeBase64 } from '../../protocol/base64.ts';

/** Whoever can read the clipboard reads passwords, too: so that is only for those who say it. */
export const CLIPBOARD_PERMISSIONS = ['write', 'read-write', 'off'] as const;
export type ClipboardPermission = (typeof CLIPBOARD_PERMISSIONS)[number];

/** The answer to a program that asked for the clipboard, as a terminal types it. */
export function clipboardAnswer(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`\x1b]52;c;${encodeBase64(bytes)}\x1b\\`);
}
