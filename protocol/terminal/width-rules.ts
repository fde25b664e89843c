/**
 * How wide the user's terminal draws what terminals differ in. The client finds it out and tells the server, whose emulator then
 * places the cursor where the terminal will have it.
 */

export interface WidthRules {
  /** What Unicode joins to one character (emoji with joiners and skin tones, flags) takes one character's place (UAX #29), as mode 2027 asks. */
  readonly graphemes: boolean;
  /** A character that U+FE0F makes an emoji is two cells wide. */
  readonly emojiPresentation: boolean;
  /** Characters whose width East Asian Width calls ambiguous are two cells wide. */
  readonly ambiguousWide: boolean;
}

/** For a terminal that did not say: character by character, as wcwidth(3) and the programs that use it count. */
export const DEFAULT_WIDTH_RULES: WidthRules = { graphemes: false, emojiPresentation: false, ambiguousWide: false };
