/**
 * What a shell is to run once so that Tab completes `rove`. The scripts know nothing of options: each asks `rove completion answer` and shows
 * what comes, so that a new rove needs no new script. The answer's first line says what the shell may add by itself, and each further
 * line is a word, a tab, and what it is.
 */

import type { Shell } from './option-table.ts';

const BASH = `# Completion of rove for bash. In ~/.bashrc:
#   eval "$(rove completion bash)"
# and, where ssh is an alias of rove:
#   complete -F _rove ssh
_rove() {
  local also word
  COMPREPLY=()
  {
    IFS= read -r also
    while IFS=$'\\t' read -r word _; do COMPREPLY+=("$word"); done
  } < <(command rove completion answer bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  case $also in
    files) compopt -o default ;;
    commands) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -c -- "$2") ;;
  esac
  case \${COMPREPLY[0]} in
    *=) compopt -o nospace ;;
  esac
} 2>/dev/null
complete -F _rove rove
`;

const ZSH = `#compdef rove
# Completion of rove for zsh. In ~/.zshrc, after compinit:
#   eval "$(rove completion zsh)"
# or as a file named _rove in a folder of $fpath.
_rove() {
  local -a lines plain open
  local line entry
  lines=("\${(@f)$(command rove completion answer zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    entry="\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${line#*$'\\t'}}"
    if [[ \${line%%$'\\t'*} == *= ]]; then open+=("$entry"); else plain+=("$entry"); fi
  done
  local found=1
  (( $#plain )) && _describe rove plain && found=0
  (( $#open )) && _describe rove open -S '' && found=0
  case $lines[1] in
    files) _files && found=0 ;;
    commands) _command_names -e && found=0 ;;
  esac
  return found
}
if [[ $funcstack[1] == _rove ]]; then _rove "$@"; else compdef _rove rove; fi
`;

const FISH = `# Completion of rove for fish. In ~/.config/fish/completions/rove.fish:
#   rove completion fish | source
function __rove_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command rove completion answer fish $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case commands
            __fish_complete_command
    end
    for line in $lines[2..-1]
        echo $line
    end
end
complete -c rove -f -a '(__rove_complete)'
`;

/** By shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
