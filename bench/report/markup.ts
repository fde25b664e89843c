/**
 * Elements of a page as text, escaped where they are made, so that nothing that comes from a file can become markup: a child is either
 * markup made here or plain text, and the type says which.
 */

/** Markup that was made here: safe to put inside other markup. */
export interface Markup {
  readonly markup: string;
}

export type Child = Markup | string | number | readonly Child[];

/** Elements that have no content and no end tag in HTML; in SVG an empty element is closed at once, which HTML parsers take, too. */
const VOID = new Set(['meta', 'br', 'hr']);

/** `<name attributes>children</name>`; an attribute that is undefined is left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly Child[]
): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('');
  if (VOID.has(name)) return { markup: `<${name}${written}>` };
  return { markup: `<${name}${written}>${content(children)}</${name}>` };
}

/** A style sheet, of this program and not of a file: it is not escaped. */
export function styleSheet(css: string): Markup {
  return { markup: `<style>${css}</style>` };
}

function content(child: Child): string {
  if (typeof child === 'string' || typeof child === 'number') return escaped(String(child));
  return 'markup' in child ? child.markup : child.map(content).join('');
}

/** Text as it stands between tags and in attributes; what HTML can't hold at all becomes the replacement character. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/[^\P{Cc}\n\t]|[\ud800-\udfff]|[\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
