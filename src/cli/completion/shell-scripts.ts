import { quoteArguments } from '../../shell/quote-argv.ts'

/** Shells with completion. */
export const completedShells = ['bash', 'zsh', 'fish'] as const

export type CompletedShell = (typeof completedShells)[number]

/**
 * Returns the script that a shell evaluates for completion. The script asks the program that stands in the command line,
 * or this program if that one is an alias.
 *
 * @param program command line of this program
 */
export function completionScript(shell: CompletedShell, program: readonly string[]): string {
  return scripts[shell].replaceAll('PROGRAM', () => quoteArguments(program))
}

/** The program gets the line up to the cursor: bash itself cuts words at "=" and ":". */
const bash = `_test_services() {
  local paths line program
  program=("$(type -P -- "$1")")
  [ -n "\${program[0]}" ] || program=(PROGRAM)
  COMPREPLY=()
  {
    IFS= read -r paths
    while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done
  } < <("\${program[@]}" __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $paths in
    files) compopt -o default -o filenames 2>/dev/null ;;
    directories) compopt -o dirnames 2>/dev/null ;;
  esac
}
complete -F _test_services test-services
`

const zsh = `#compdef test-services
_test_services() {
  local paths line
  local -a lines items program
  program=("\${words[1]}")
  [[ $program == */* ]] || program=("\${commands[$program]}")
  [[ -x $program ]] || program=(PROGRAM)
  lines=("\${(@f)$("\${program[@]}" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  paths=$lines[1]
  shift lines
  for line in "\${lines[@]}"; do
    items+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#items )) && _describe 'test-services' items
  case $paths in
    files) _files ;;
    directories) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _test_services ]]; then
  _test_services "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _test_services test-services
fi
`

const fish = `function __test_services_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string replace -r "^['\\"]" '')
    set -l program (type -fP -- $words[1] 2>/dev/null)
    test -n "$program"; or set program PROGRAM
    set -l lines ($program __complete fish $words[2..] "$current" 2>/dev/null)
    set -l paths $lines[1]
    set -e lines[1]
    test (count $lines) -gt 0; and printf '%s\\n' $lines
    switch "$paths"
        case files
            __fish_complete_path "$current"
        case directories
            __fish_complete_directories "$current" ''
    end
end
complete -c test-services -f -a '(__test_services_complete)'
`

const scripts: Readonly<Record<CompletedShell, string>> = { bash, zsh, fish }
