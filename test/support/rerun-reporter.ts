import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { isExhaustive } from './repeats.ts'

/** Prints for each failed test the command that runs it alone, with its seed if it tells one. */
export default class RerunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const commands = modules.flatMap((module) => Array.from(module.children.allTests('failed'), rerunCommand))
    if (commands.length > 0) console.error(`To run what failed alone:\n  ${commands.join('\n  ')}\n`)
  }
}

function rerunCommand(test: TestCase): string {
  const messages = test.result().errors?.map(({ message }) => message) ?? []
  const [seed = ''] = /\b[A-Z]+_SEED=[\w.]+/.exec([test.fullName, ...messages].join('\n')) ?? []
  const target = isExhaustive ? 'test-exhaustive' : 'test'
  return `${seed} make ${target} ARGS='${test.module.relativeModuleId} -t "${patternFor(test)}"'`.trimStart()
}

/** A pattern for the title, in which no character means anything to make, to a shell, or to a regular expression. */
function patternFor({ fullName }: TestCase): string {
  return fullName.replaceAll(/[^\w ]/g, '.').replaceAll(' . ', '.+')
}
