import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { isExhaustive } from './repeats.ts'

/**
 * Prints for each failed test what went wrong, and the command that runs it alone, with its seed if it tells one. These
 * are the last lines of the output: a log that was cut short still has them.
 */
export default class RerunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failures = modules.flatMap((module) => Array.from(module.children.allTests('failed'), describeFailure))
    if (failures.length > 0) console.error(`To run what failed alone:\n${failures.join('\n')}\n`)
  }
}

const shownLines = 12

function describeFailure(test: TestCase): string {
  const lines = messagesOf(test).join('\n').split('\n')
  return [rerunCommand(test), ...lines.slice(0, shownLines).map((line) => `  ${line}`)]
    .map((line) => `  ${line}`)
    .join('\n')
}

function messagesOf(test: TestCase): string[] {
  return test.result().errors?.map(({ message }) => message) ?? []
}

function rerunCommand(test: TestCase): string {
  const [seed = ''] = /\b[A-Z]+_SEED=[\w.]+/.exec([test.fullName, ...messagesOf(test)].join('\n')) ?? []
  const target = isExhaustive ? 'test-exhaustive' : 'test'
  return `${seed} make ${target} ARGS='${test.module.relativeModuleId} -t "${patternFor(test)}"'`.trimStart()
}

/** A pattern for the title, in which no character means anything to make, to a shell, or to a regular expression. */
function patternFor({ fullName }: TestCase): string {
  return fullName.replaceAll(/[^\w ]/g, '.').replaceAll(' . ', '.+')
}
