/**
 * A small strict reader of pages: every tag that is opened is closed in its order, attributes are quoted and given once, `<`, `>` and
 * `&` stand in text only as entities. Browsers forgive all that; a page that carries strangers' text must not need it.
 */

export interface Page {
  /** Every element, in the order of their opening tags. */
  readonly elements: readonly { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[];
  /** What a reader sees, without the style sheet, entities resolved. */
  readonly text: string;
}

const VOID = new Set(['meta', 'br', 'hr']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Reads a page; throws at the first thing that is not well-formed. */
export function readPage(page: string): Page {
  const doctype = '<!doctype html>\n';
  if (!page.startsWith(doctype)) throw new Error('no doctype');
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  let text = '';
  let at = doctype.length;
  while (at < page.length) {
    const next = page.indexOf('<', at);
    const until = next < 0 ? page.length : next;
    const between = page.slice(at, until);
    if (open.at(-1) !== 'style') text += resolved(between);
    else if (/[<&]/.test(between)) throw new Error('markup in the style sheet');
    if (next < 0) break;
    const tag = /^<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*)>/.exec(page.slice(next, next + 50_000));
    if (tag === null) throw new Error(`no tag: ${page.slice(next, next + 40)}`);
    const [whole, slash, name = '', written = ''] = tag;
    if (slash === '/') {
      const last = open.pop();
      if (last !== name || written !== '') throw new Error(`</${name}> closes <${last}>`);
    } else {
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of written.matchAll(/ ([a-zA-Z0-9-]+)="([^"]*)"/g)) {
        if (key in attributes) throw new Error(`${key} twice`);
        attributes[key] = resolved(value);
      }
      elements.push({ name, attributes });
      if (!VOID.has(name)) open.push(name);
    }
    at = next + whole.length;
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`);
  return { elements, text };
}

function resolved(text: string): string {
  if (text.includes('>')) throw new Error(`a bare > in ${text.slice(0, 40)}`);
  return text.replaceAll(/&([^;]{0,6};?)/g, (whole, name: string) => {
    const known = name.endsWith(';') ? ENTITIES[name.slice(0, -1)] : undefined;
    if (known === undefined) throw new Error(`a bare & before ${whole}`);
    return known;
  });
}
