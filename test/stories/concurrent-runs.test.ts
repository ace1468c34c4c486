import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { repeats } from '../support/repeats.ts'
import { useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('library')
const inAll = repeats(4, 24)
const atATime = 4

project.copy('programs/tells-its-library.mjs')

/** One run; while it lasts, this process, which is not of it, reads its config and talks to its service. */
async function oneRun(): Promise<{ url: string; count: number; code: number | null }> {
  const running = project.start(['exec', '--', process.execPath, 'tells-its-library.mjs'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let heard = ''
  running.child.stderr?.on('data', (piece: string) => {
    heard += piece
  })
  await running.said(/told .*\n/)
  const { file, url, count } = JSON.parse(/told (.*)/.exec(heard)?.[1] ?? '{}')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const listed = (await (await fetch(`${config.url}/files`)).json()) as unknown[]
  expect({ url: config.url, count: listed.length }).toEqual({ url, count })
  running.child.stdin?.end()
  return { url, count, code: (await running.ended).code }
}

test(`${inAll} runs have an instance each, whose config other processes can read`, async () => {
  const outcomes: Awaited<ReturnType<typeof oneRun>>[] = []
  let left = inAll
  const worker = async (): Promise<void> => {
    while (left-- > 0) outcomes.push(await oneRun())
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  expect(outcomes.map(({ code, count }) => [code, count])).toEqual(outcomes.map(() => [0, 1]))
  expect(outcomes).toHaveLength(inAll)
  await expectNothingLeft(stateDirectory)
}, 120_000)
