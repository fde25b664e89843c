/**
 * What a terminal can do beyond what every one like xterm does. The renderer writes no sequence that is not claimed here: where something is
 * missing it falls back, a curly underline to a plain one, 24 bits of colour to the nearest of 256, a notification to the bell.
 */

export interface Capabilities {
  /** The colours that cells may have: 8 and their bright forms, 256, or all of 24 bits. */
  readonly colors: 16 | 256 | 'rgb';
  /** SGR 4:2 to 4:5. */
  readonly underlineStyles: boolean;
  /** SGR 58. */
  readonly underlineColors: boolean;
  /** SGR 53. */
  readonly overline: boolean;
  /** OSC 8. */
  readonly links: boolean;
  /** Mode 2026. */
  readonly synchronized: boolean;
  /** DECSCUSR. */
  readonly cursorShapes: boolean;
  /** OSC 0 to 2, and the stack of titles. */
  readonly titles: boolean;
  /** OSC 4 and 104: the palette can be changed. */
  readonly palette: boolean;
  /** OSC 10, 11, 12 and 110, 111, 112. */
  readonly dynamicColors: boolean;
  /** OSC 52: programs may write the clipboard, and the user lets them. */
  readonly clipboard: boolean;
  /** How notifications are asked for: kitty's OSC 99, urxvt's OSC 777, iTerm2's OSC 9, or not but by the bell. */
  readonly notices: 'osc99' | 'osc777' | 'osc9' | 'bell';
  /** OSC 9;4. */
  readonly progress: boolean;
  /** OSC 133. */
  readonly marks: boolean;
  /** OSC 7. */
  readonly directory: boolean;
  /** Kitty's keyboard protocol. */
  readonly keyboard: boolean;
  /** XTMODKEYS: modifyOtherKeys. */
  readonly otherKeys: boolean;
  /** Mode 2031. */
  readonly colorSchemeReports: boolean;
}

/** Of a terminal that nothing is known of: what all have had for twenty years. */
export const PLAIN_TERMINAL: Capabilities = {
  colors: 256,
  underlineStyles: false,
  underlineColors: false,
  overline: false,
  links: false,
  synchronized: false,
  cursorShapes: true,
  titles: true,
  palette: false,
  dynamicColors: false,
  clipboard: false,
  notices: 'bell',
  progress: false,
  marks: false,
  directory: false,
  keyboard: false,
  otherKeys: false,
  colorSchemeReports: false,
};

/** All of it. */
export const FULL_TERMINAL: Capabilities = {
  colors: 'rgb',
  underlineStyles: true,
  underlineColors: true,
  overline: true,
  links: true,
  synchronized: true,
  cursorShapes: true,
  titles: true,
  palette: true,
  dynamicColors: true,
  clipboard: true,
  notices: 'osc99',
  progress: true,
  marks: true,
  directory: true,
  keyboard: true,
  otherKeys: true,
  colorSchemeReports: true,
};
