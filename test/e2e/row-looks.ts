/**
 * What tmux tells of rows (`capture-pane -e`), in words that are equal for rows that look the same: tmux tells cells that were erased from
 * spaces that were written, and the two ways to name each of the first 16 colours; nobody sees a difference.
 */

/** The attributes of the pen, by what they are about. */
type Pen = Map<string, string>;

const ESCAPE_OR_TEXT = /\x1b\[([\d;:]*)m|\x1b.|[^\x1b]/gu;
const ON: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'faint',
  3: 'italic',
  5: 'blink',
  7: 'inverse',
  8: 'invisible',
  9: 'strike',
  53: 'overline',
};
/** Attributes that are seen on a cell without a character. */
const SEEN_ON_SPACE = ['bg', 'inverse', 'underline', 'strike', 'overline'];
/** What erasing leaves on no cell. */
const NOT_ERASED = /inverse|line|strike/;
/** Zero width joiner. */
const JOINER = '\u200d';

/** One line for each row. The pen goes on from row to row, as tmux writes it. */
export function rowLooks(rows: readonly string[]): string[] {
  const pen: Pen = new Map();
  return rows.map((row) => rowLook(row, pen));
}

function rowLook(row: string, pen: Pen): string {
  let look = '';
  let last = '';
  let blanks = '';
  for (const [part, parameters] of row.matchAll(ESCAPE_OR_TEXT)) {
    if (parameters !== undefined) {
      change(pen, parameters);
      continue;
    }
    // One at the end of a cell would take in the next one: it is not drawn.
    if (part === JOINER) continue;
    const isSpace = part === ' ';
    const words = [...pen]
      .filter(([name]) => !isSpace || SEEN_ON_SPACE.includes(name))
      .filter(([name]) => !isSpace || name !== 'fg' || pen.has('inverse'))
      .map(([name, value]) => (name === value ? name : `${name} ${value}`));
    const style = words.sort().join(', ');
    const shown = style === last ? part : `{${style}}${part}`;
    last = style;
    // tmux does not tell of erased cells at the end of a row in which colour they were erased.
    if (isSpace && !NOT_ERASED.test(style)) blanks += shown;
    else {
      look += blanks + shown;
      blanks = '';
    }
  }
  return look;
}

/** Applies the parameters of an SGR sequence. */
function change(pen: Pen, parameters: string): void {
  const codes = parameters.split(';');
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? '';
    const number = Number.parseInt(code || '0', 10);
    const name = ON[number];
    if (number === 0) pen.clear();
    else if (number === 4) pen.set('underline', code.split(':')[1] ?? '1');
    else if (name !== undefined) pen.set(name, name);
    else if (number >= 30 && number <= 37) pen.set('fg', String(number - 30));
    else if (number >= 90 && number <= 97) pen.set('fg', String(number - 82));
    else if (number >= 40 && number <= 47) pen.set('bg', String(number - 40));
    else if (number >= 100 && number <= 107) pen.set('bg', String(number - 92));
    else if (number === 39) pen.delete('fg');
    else if (number === 49) pen.delete('bg');
    else if (number === 38 || number === 48 || number === 58) {
      const length = codes[i + 1] === '2' ? 4 : 2;
      pen.set(
        number === 38 ? 'fg' : number === 48 ? 'bg' : 'underline colour',
        codes.slice(i + 2, i + 1 + length).join(','),
      );
      i += length;
    } else throw new Error(`tmux writes SGR ${code}, which is not known here`);
  }
}
