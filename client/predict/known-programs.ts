/**
 * Programs that are known by name. The server tells a hash of the foreground program's name and nothing else (SPEC.md §8), so the names
 * are hashed here, too. What is said of a program here is what it does as it comes; the engine unlearns what turns out otherwise.
 */

/** Full-screen editors: what is typed into one is no answer to a question of somebody else's. */
const EDITORS = hashes(
  'vim vi nvim view vimdiff vim.basic vim.tiny vim.nox vim.gtk3 rvim nvi vile elvis nano pico rnano emacs emacs-nox emacs-gtk ' +
    'emacs-lucid emacsclient micro helix hx kak kakoune joe jmacs jstar ne mcedit jed zile mg tilde dte amp',
);
/** Programs on whose terminal other programs' lines and screens are shown. */
const RELAYS = hashes('ssh mosh-client et rove sshd telnet docker podman kubectl lxc machinectl');
/** Those that have no modes. */
const MODELESS = hashes(
  'nano pico rnano emacs emacs-nox emacs-gtk emacs-lucid emacsclient micro joe jmacs jstar mcedit ne',
);
/** The row below their mode line is where they ask. */
const EMACSES = hashes('emacs emacs-nox emacs-gtk emacs-lucid emacsclient jmacs');
const SHELLS = hashes('bash zsh fish sh dash ksh mksh ash tcsh csh rbash');
const ZSH = hashes('zsh');
const FISH = hashes('fish');

export function isEditor(program: number): boolean {
  return EDITORS.has(program);
}

/** Whether all that is known of the program may be of another one, further away; also of one that is not known. */
export function isRelay(program: number): boolean {
  return program === 0 || RELAYS.has(program);
}

/** Ctrl-U takes the whole line. */
export function killsWholeLine(program: number): boolean {
  return ZSH.has(program);
}

/** What belongs to a word for Ctrl-W: for readline all but blanks, for zsh its WORDCHARS, for fish the components of a path. */
export function wordLettersOf(program: number): RegExp {
  if (ZSH.has(program)) return /[\p{L}\p{N}*?_\-.[\]~=/&;!#$%^(){}<>]/u;
  if (FISH.has(program)) return /[^/={,}'":@ |;<>&]/u;
  return /\S/;
}

/** Keys that a program leaves unbound: zsh those that terminals do not agree on. */
export function unboundKeys(program: number): readonly string[] {
  return ZSH.has(program) ? ['Delete', 'Home', 'End'] : [];
}

export function isFish(program: number): boolean {
  return FISH.has(program);
}

/** A program whose business it is to start others. */
export function isShell(program: number): boolean {
  return SHELLS.has(program);
}

/** An editor in which letters insert themselves and nothing else: no modes. */
export function isModeless(program: number): boolean {
  return MODELESS.has(program);
}

/** Rows at the bottom where an editor asks and helps. */
export function askingRows(program: number): number {
  return MODELESS.has(program) && !EMACSES.has(program) ? 3 : 1;
}

/** FNV-1a of 32 bits, never 0, of a program's name: as the server of this repository makes it. */
export function programHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0 || 1;
}

function hashes(names: string): ReadonlySet<number> {
  return new Set(names.split(' ').map(programHash));
}
