/**
 * What a shell says of a row by OSC 133 (semantic prompts, as FinalTerm had them), so that the terminal can jump from prompt to prompt
 * and select a command's output. One number a row.
 *
 * ```
 * 0            nothing
 * 1            OUTPUT: a command's output begins here (C)
 * 2            CONTINUATION: a further line of a prompt (A;k=s, P;k=s)
 * 3            PROMPT: a prompt begins here (A, P)
 * 4 + status   a prompt, after a command that ended with this status, 0 to 255 (D;status, then A)
 * ```
 */

export const OUTPUT_MARK = 1;
export const CONTINUATION_MARK = 2;
export const PROMPT_MARK = 3;
/** The mark of a prompt after a command with status 0. */
export const STATUS_MARK = 4;
/** The largest mark. */
export const MAX_MARK = STATUS_MARK + 255;
