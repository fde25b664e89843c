/**
 * The modes that travel with a screen: those that change what the local terminal draws or what its keys and mouse send.
 * Modes that only steer the emulator (insert, origin, autowrap, tab stops) stay inside it.
 * One integer: flags in the low bits, then two small fields for the mouse. On the wire as it is (SPEC.md, "Screen diffs").
 */

/** DECTCEM (CSI ?25h): the cursor is shown. Set in a new screen. */
export const CURSOR_VISIBLE = 1 << 0;
/** DECCKM (CSI ?1h): arrows send SS3. */
export const APPLICATION_CURSOR = 1 << 1;
/** DECKPAM (ESC =): the keypad sends application codes. */
export const APPLICATION_KEYPAD = 1 << 2;
/** CSI ?2004h. */
export const BRACKETED_PASTE = 1 << 3;
/** DECSCNM (CSI ?5h): the whole screen inverted. */
export const REVERSE_VIDEO = 1 << 4;
/** CSI ?1049h, ?1047h, ?47h: the alternate screen is shown. */
export const ALTERNATE_SCREEN = 1 << 5;
/** CSI ?1004h. */
export const FOCUS_EVENTS = 1 << 6;
/** CSI ?1007h: the wheel sends arrows on the alternate screen. */
export const ALTERNATE_SCROLL = 1 << 7;

/** Mouse tracking: 0 off, 1 X10 (?9), 2 buttons (?1000), 3 drag (?1002), 4 any motion (?1003). */
export const MOUSE_TRACKING_SHIFT = 8;
export const MOUSE_TRACKING_MASK = 7 << MOUSE_TRACKING_SHIFT;
/** Mouse encoding: 0 default, 1 UTF-8 (?1005), 2 SGR (?1006), 3 urxvt (?1015), 4 SGR pixels (?1016). */
export const MOUSE_ENCODING_SHIFT = 11;
export const MOUSE_ENCODING_MASK = 7 << MOUSE_ENCODING_SHIFT;

/** Flags of kitty's keyboard protocol (CSI = flags u, CSI > flags u): 1 disambiguate, 2 event types, 4 alternates, 8 all keys, 16 text. */
export const KEYBOARD_SHIFT = 14;
export const KEYBOARD_MASK = 31 << KEYBOARD_SHIFT;
/** xterm's modifyOtherKeys (CSI > 4 ; n m): 0 to 2. */
export const OTHER_KEYS_SHIFT = 19;
export const OTHER_KEYS_MASK = 3 << OTHER_KEYS_SHIFT;
/** CSI ?2031h: the program is told when the colours become dark or light. */
export const COLOR_SCHEME_REPORTS = 1 << 21;

/** All bits in use; a decoder refuses others. */
export const MODES_MASK = (1 << 22) - 1;
