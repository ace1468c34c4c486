import { lineByLine } from './dialect.ts'

const PRINTABLE_ASCII = /^[ -~]*$/

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Returns one expression in printable ASCII on one line. All other characters go through `[regex]::Unescape`:
 * PowerShell splits a program's output at CR and LF, decodes the output by a code page that need not be UTF-8, and
 * takes typographic quotes (U+2018 to U+201B) for single quotes.
 */
function quote(value: string): string {
  const text = value.replaceAll("'", "''")
  if (PRINTABLE_ASCII.test(text)) return `'${text}'`
  return `[regex]::Unescape('${text.replaceAll('\\', '\\\\').replace(/[^ -~]/g, escapeUnit)}')`
}

/**
 * For `test-services --shell powershell | Invoke-Expression`, from Windows PowerShell 5.1 on, line by line or all at
 * once. Before PowerShell 7.5 an empty value removes the variable: an empty variable is not possible.
 *
 * @see https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_environment_variables
 * @see https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 * @see https://learn.microsoft.com/dotnet/api/system.text.regularexpressions.regex.unescape
 */
export const powershell = lineByLine({
  assign: (name, value) => `$env:${name} = ${quote(value)};`,
  unset: (name) => `$env:${name} = $null;`,
  failure: "throw 'test-services failed, see the message above';\n",
})
