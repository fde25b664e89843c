/**
 * What runs on the host to add keys to authorized_keys: a script for any POSIX sh, given on standard input, so that whatever the login shell
 * is, it has to understand two words only. It works on a copy and renames it, so that the file is whole at every moment; modes and
 * a link are kept, a key is never added twice.
 */

/** What the login shell is asked to run. */
export const AUTHORIZE_COMMAND = 'exec sh';

/** Begins the lines that are meant for us: a login shell may say more. */
const MARK = 'rove-copy-id:';

/** A key to add. */
export interface KeyLine {
  /** As it is to stand in the file. */
  readonly line: string;
  /** The part of it that no other key has. */
  readonly base64: string;
}

/** What came of it. */
export type AuthorizeOutcome =
  | {
      readonly kind: 'done';
      /** By the places of the keys in the list: those that were added; all others were there. */
      readonly added: ReadonlySet<number>;
      /** Others than the user may write to the home: sshd believes no file in it then, as a rule. */
      readonly openHome: boolean;
    }
  /** In words of the script, which tell what to do. */
  | { readonly kind: 'failed'; readonly why: string }
  /** No script ran there, or not to its end. */
  | { readonly kind: 'no-shell' };

/** The script for these keys. */
export function authorizeScript(keys: readonly KeyLine[]): string {
  // A function, so that nothing runs before all of it is there.
  return `authorize() {
umask 077
say() { printf '%s %s\\n' '${MARK}' "$*"; }
stop() { say failed "$*"; exit 1; }
[ -n "$HOME" ] && [ -d "$HOME" ] || stop "there is no home folder: make $HOME"
folder=$HOME/.ssh
file=$folder/authorized_keys
[ -d "$folder" ] || mkdir "$folder" || stop "$folder cannot be made: is the home folder yours?"
if [ -h "$file" ]; then
  file=$(readlink -f "$file") && [ -n "$file" ] || stop "$folder/authorized_keys is a link to nowhere"
fi
new=$file.rove-$$
trap 'rm -f "$new"' 0
trap 'exit 1' 1 2 15
if [ -e "$file" ]; then
  [ -w "$file" ] || stop "$file is write-protected"
  cp -p "$file" "$new" || stop "$file cannot be copied: is the disk full?"
else
  : >"$new" || stop "$new cannot be written: is the disk full?"
fi
[ -z "$(tail -c 1 "$new")" ] || echo >>"$new" || stop "$new cannot be written: is the disk full?"
added=
add() {
  grep -v '^[[:space:]]*#' "$new" | grep -F -q -e "$2" && return
  printf '%s\\n' "$3" >>"$new" || stop "$new cannot be written: is the disk full?"
  added="$added $1"
}
${keys.map(({ line, base64 }, index) => `add ${index} ${quoted(base64)} ${quoted(line)}\n`).join('')}
if [ -n "$added" ]; then
  mv -f "$new" "$file" || stop "$file cannot be replaced"
fi
chmod go-w "$folder" "$file" 2>/dev/null
if command -v restorecon >/dev/null 2>&1; then restorecon -F "$folder" "$file" >/dev/null 2>&1; fi
for key in $added; do say added "$key"; done
case $(ls -ld "$HOME") in
?????w* | ????????w*) say open ;;
esac
say done
}
authorize
exit
`;
}

/** What the script said, among whatever else was said there. */
export function readAuthorizeOutcome(output: string): AuthorizeOutcome {
  const added = new Set<number>();
  let openHome = false;
  for (const line of output.split('\n')) {
    // The noise before may end without an end of its line.
    const at = line.indexOf(MARK);
    if (at < 0) continue;
    const [word, ...rest] = line
      .slice(at + MARK.length)
      .trim()
      .split(' ');
    if (word === 'failed') return { kind: 'failed', why: rest.join(' ') };
    if (word === 'added') added.add(Number(rest[0]));
    if (word === 'open') openHome = true;
    if (word === 'done') return { kind: 'done', added, openHome };
  }
  return { kind: 'no-shell' };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
