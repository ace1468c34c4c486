import { expect, test } from 'vitest'
import { value } from '../fixtures/postgres/clients.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { type Started, useUserProject } from '../support/user-project.ts'

const ground = useFaultGround()
const project = useUserProject('')
const timeout = 120_000
const rounds = 2

project.write(
  'librarians.config.mjs',
  `import { defineConfig } from 'test-services'
   import { librarian } from 'test-services/fixtures/librarian'
   const services = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, librarian()]))
   export default defineConfig({ services })`,
)
project.write(
  'postgres.config.mjs',
  `import { defineConfig } from 'test-services'
   import { postgres } from 'test-services/fixtures/postgres'
   export default defineConfig({ services: { db: postgres() } })`,
)
/** Tells the URLs of its instances and stays until its input ends. */
project.write(
  'tells.mjs',
  `const urls = Object.entries(process.env).filter(([name]) => /^LP_[A-Z]+_URL$/.test(name)).map(([, url]) => url)
   console.error('told ' + JSON.stringify(urls))
   process.stdin.resume()`,
)

interface Client {
  readonly urls: readonly string[]
  end(): Promise<number | null>
}

/** An \`exec\` whose command has its instances. */
async function startClient(config: string): Promise<Client> {
  const argv = ['exec', '--quiet', '--config', config, '--', process.execPath, 'tells.mjs']
  const started: Started = project.start(argv, { stdio: ['pipe', 'pipe', 'pipe'] })
  const end = async (): Promise<number | null> => {
    started.child.stdin?.end()
    return (await started.ended).code
  }
  let heard = ''
  started.child.stderr?.on('data', (piece: string) => {
    heard += piece
  })
  await started.said(/told .*\n/)
  return { urls: JSON.parse(/told (.*)/.exec(heard)?.[1] ?? '[]'), end }
}

/** All have their instances at the same time; each instance answers, and knows nothing of the others. */
async function runAtOnce(count: number, config: string, isAlone: (url: string) => Promise<boolean>): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => startClient(config)))
  const urls = clients.flatMap((client) => client.urls)
  const witness = ground.witness()
  expect(await Promise.all(urls.map(isAlone))).toEqual(urls.map(() => true))
  expect(await Promise.all(clients.map(({ end }) => end()))).toEqual(clients.map(() => 0))
  await witness.expectNothingLeft()
  return urls
}

async function storesFirst(url: string): Promise<boolean> {
  await fetch(`${url}/files`, { method: 'POST', body: url })
  return ((await (await fetch(`${url}/files`)).json()) as unknown[]).length === 1
}

async function makesTable(url: string): Promise<boolean> {
  await value(url, 'CREATE TABLE only_once (one int)')
  return (await value(url, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`)) === '1'
}

test(`50 unique librarians of 10 commands at once, ${rounds} times`, { timeout }, async () => {
  for (let round = 0; round < rounds; round++)
    expect(new Set(await runAtOnce(10, 'librarians.config.mjs', storesFirst)).size).toBe(50)
})

test(`12 unique Postgres of 12 commands at once, ${rounds} times`, { timeout }, async () => {
  for (let round = 0; round < rounds; round++)
    expect(new Set(await runAtOnce(12, 'postgres.config.mjs', makesTable)).size).toBe(12)
})
