/**
 * What a value out of a JSON file must look like, and the one line that says where it does not: `links[2].turns[0].shell is missing`.
 * A file may come from anywhere, so everything that is read from it has been looked at here. Fields that are not known are let be:
 * they may be of a newer version that added some.
 */

/** The first thing wrong with a value, or undefined. `where` is the path to it. */
export type Shape = (value: unknown, where: string) => string | undefined;

const LIST_MAX = 5_000_000;
const TEXT_MAX = 100_000;

export const text: Shape = (value, where) => {
  if (typeof value !== 'string') return wrongKind(value, where, 'a text');
  return value.length > TEXT_MAX ? `${where} is longer than ${TEXT_MAX} characters` : undefined;
};

export const truth: Shape = (value, where) =>
  typeof value === 'boolean' ? undefined : wrongKind(value, where, 'true or false');

export const anyNumber: Shape = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) ? undefined : wrongKind(value, where, 'a number');

/** A time, a count, a size: all that is measured is 0 or more. */
export const amount: Shape = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? undefined
    : wrongKind(value, where, 'a number of 0 or more');

export function oneOf(choices: readonly string[]): Shape {
  return (value, where) =>
    typeof value === 'string' && choices.includes(value)
      ? undefined
      : wrongKind(value, where, `one of ${choices.join(', ')}`);
}

/** The shape, or null: tried, and never came. */
export function orNull(shape: Shape): Shape {
  return (value, where) => (value === null ? undefined : shape(value, where));
}

/** A field that may be absent. */
export function optional(shape: Shape): Shape {
  return (value, where) => (value === undefined ? undefined : shape(value, where));
}

export function listOf(shape: Shape): Shape {
  return (value, where) => {
    if (!Array.isArray(value)) return wrongKind(value, where, 'a list');
    if (value.length > LIST_MAX) return `${where} has more than ${LIST_MAX} entries`;
    return firstWrong(value.entries(), (entry, index) => shape(entry, `${where}[${index}]`));
  };
}

/** An object with these fields. */
export function record(fields: Readonly<Record<string, Shape>>): Shape {
  const shapes = Object.entries(fields);
  return (value, where) => {
    if (!isObject(value)) return wrongKind(value, where, 'an object');
    return firstWrong(shapes, (shape, name) =>
      shape(Object.hasOwn(value, name) ? value[name] : undefined, where === '' ? name : `${where}.${name}`),
    );
  };
}

/** An object whose fields, whatever they are called, all have this shape. */
export function mapOf(shape: Shape): Shape {
  return (value, where) => {
    if (!isObject(value)) return wrongKind(value, where, 'an object');
    return firstWrong(Object.entries(value), (entry, name) => shape(entry, `${where}.${name}`));
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstWrong<Name, Entry>(
  entries: Iterable<readonly [Name, Entry]>,
  look: (entry: Entry, name: Name) => string | undefined,
): string | undefined {
  for (const [name, entry] of entries) {
    const wrong = look(entry, name);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongKind(value: unknown, where: string, wanted: string): string {
  return value === undefined ? `${where} is missing` : `${where === '' ? 'the whole' : where} is not ${wanted}`;
}
