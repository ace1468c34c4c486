import { isDictionary, typeName } from '../../yaml/dictionary.ts'
import { commandLines } from './command-lines.ts'
import { describeGot } from './describe-got.ts'
import type { RawStep, StepScope } from './step-reader.ts'
import { countOpenings } from './substitution.ts'

/** Reads `run`: a text with one command a line, or a list of commands. */
export function readCommands(step: RawStep, { findings, substitution }: StepScope): string[] {
  const path = [...step.path, 'run']
  const given = step.value.run
  const isOneSubstitution = typeof given === 'string' && substitution.isWhole(given)
  const run = isOneSubstitution ? substitution.in(given, path) : given
  const refuse = (at: readonly (string | number)[], message: string): void =>
    findings.add(at, `${step.prefix}run: ${message}`)
  const describe = (value: unknown): string => (isOneSubstitution ? typeName(value) : describeCommand(value))

  if (typeof run !== 'string' && !Array.isArray(run)) {
    refuse(path, `expected a text or a list of texts, but got ${describe(run)}`)
    return []
  }
  const commands =
    typeof run === 'string'
      ? commandLines(run).map(({ command, before }) =>
          isOneSubstitution ? command : substitution.text(command, path, countOpenings(before)),
        )
      : run.map((each, i) => (isOneSubstitution ? each : substitution.in(each, [...path, i])))
  if (commands.length === 0) refuse(path, 'there is no command')
  return commands.flatMap((command, i) => {
    const at = Array.isArray(given) ? [...path, i] : path
    if (typeof command !== 'string') refuse(at, `expected a text, but got ${describe(command)}`)
    else if (command.includes('\0')) refuse(at, 'a command has no NUL')
    else return [command]
    return []
  })
}

/** Describes what is no command. A command with `: ` in it is a dictionary to YAML. */
function describeCommand(value: unknown): string {
  return isDictionary(value) ? 'a dictionary; a command with ": " in it must be in quotes' : describeGot(value)
}
