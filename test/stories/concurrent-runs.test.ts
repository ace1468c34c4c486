import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { repeats } from '../support/repeats.ts'
import { useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject(`
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({ services: { library: librarian() } })
`)
const inAll = repeats(8, 24)
const atATime = 4

/** Uses its instance, and tells where the config is; ends when its standard input does. */
const client = `
const { LP_LIBRARY_URL: url, LP_LIBRARY_CONFIGFILE: file } = process.env
await fetch(url + '/files', { method: 'POST', body: 'a book' })
const files = await (await fetch(url + '/files')).json()
console.error('told ' + JSON.stringify({ file, url, count: files.length }))
process.stdin.resume()
`
project.write('client.mjs', client)

/** One run; while it lasts, this process, which is not of it, reads its config and talks to its service. */
async function oneRun(): Promise<{ url: string; count: number; code: number | null }> {
  const running = project.start(['exec', '--', process.execPath, 'client.mjs'], { stdio: ['pipe', 'pipe', 'pipe'] })
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
