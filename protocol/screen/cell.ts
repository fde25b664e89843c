/**
 * One character cell, as three 32-bit words in the typed array of its row: what stands there, its foreground, its background.
 *
 * ```
 * content     0-20 code point, 0 if erased   21 CLUSTER   22 WIDE   23 TAIL
 * foreground  0-23 colour   24-25 kind of colour   26 bold   27 faint   28 italic   29 blink   30 inverse   31 invisible
 * background  0-23 colour   24-25 kind of colour   26-28 underline style   29 strike   30 overline   31 extended
 * ```
 *
 * Three zeros are the erased cell in default colours, so a new row is a new array. An erased cell and a written space look
 * alike and are kept apart: what was never written is not copied, reflowed or counted as the end of a line.
 * The same words travel in diffs (SPEC.md, "Screen diffs").
 */

/** Words in a cell. */
export const CELL_WORDS = 3;

/** The code point of a content word. */
export const CODE_POINT_MASK = 0x1f_ffff;
/** The cell's text is more than one code point: the row's `clusters` has it, and the code point here is its first. */
export const CLUSTER = 1 << 21;
/** The left half of a character two cells wide. The next cell is its TAIL. */
export const WIDE = 1 << 22;
/** The right half of a wide character: code point 0, the colours of its left half. */
export const TAIL = 1 << 23;

export const COLOR_MASK = 0xff_ffff;
/** The kind of colour: default (value 0), one of the palette's 256, or 24 bits RGB. */
export const COLOR_KIND_MASK = 0x300_0000;
export const COLOR_DEFAULT = 0;
export const COLOR_PALETTE = 0x100_0000;
export const COLOR_RGB = 0x200_0000;

/** Attributes in the foreground word. */
export const BOLD = 1 << 26;
export const FAINT = 1 << 27;
export const ITALIC = 1 << 28;
export const BLINK = 1 << 29;
export const INVERSE = 1 << 30;
/** Bit 31: results of `|` and `&` with it are negative until stored in a `Uint32Array` or put through `>>> 0`. */
export const INVISIBLE = 0x8000_0000;

/** Underline style in the background word: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed (SGR 4:n). */
export const UNDERLINE_SHIFT = 26;
export const UNDERLINE_MASK = 7 << UNDERLINE_SHIFT;
export const STRIKE = 1 << 29;
export const OVERLINE = 1 << 30;
/**
 * Bit 31 of the background word: the row's `extras` has the rest of the cell's pen (underline colour, link), for both halves of a
 * wide character. As with INVISIBLE, results of `|` and `&` with it are negative until stored or put through `>>> 0`.
 */
export const EXTENDED = 0x8000_0000;
