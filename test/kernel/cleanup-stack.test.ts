import { expect, test } from 'vitest'
import { CleanUpStack } from '../../src/kernel/cleanup-stack.ts'

function createLogging(...failing: string[]): { stack: CleanUpStack; log: string[] } {
  const [stack, log] = [new CleanUpStack(), [] as string[]]
  for (const name of ['first', 'second', 'third']) {
    stack.add(async () => {
      log.push(name)
      if (failing.includes(name)) throw new Error(`${name} failed`)
    })
  }
  return { stack, log }
}

test('runs in reverse, once', async () => {
  const { stack, log } = createLogging()
  expect([await stack.run(), await stack.run()]).toEqual([[], []])
  expect(log).toEqual(['third', 'second', 'first'])
})

test('attempts all and gives every error, first thrown first', async () => {
  const { stack, log } = createLogging('third', 'first')
  expect((await stack.run()).map(({ message }) => message)).toEqual(['third failed', 'first failed'])
  expect(log).toEqual(['third', 'second', 'first'])
})

test('runs what was added meanwhile', async () => {
  const { stack, log } = createLogging()
  stack.add(() => stack.add(() => void log.push('late')))
  await stack.run()
  expect(log).toEqual(['late', 'third', 'second', 'first'])
})

test('as a disposable it throws all errors together', async () => {
  const { stack } = createLogging('second', 'first')
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second failed\nfirst failed')
})
