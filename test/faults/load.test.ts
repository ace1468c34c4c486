import { expect, test } from 'vitest'
import { value } from '../fixtures/postgres/clients.ts'
import { useFaultGround } from '../support/fault-ground.ts'
import { type Started, useUserProject } from '../support/user-project.ts'

const ground = useFaultGround()
const project = useUserProject('')
const timeout = 180_000
const rounds = 2

project.copy('configs/library.config.mjs')
project.copy('configs/postgres.config.mjs')

/** Tells where its instance is and stays until its input ends. A shell, which costs no more than it must: there are 50. */
const tells = ['sh', '-c', 'echo "told $LP_LIBRARY_URL$LP_DB_URL" >&2; read -r end || exit 0']

interface Client {
  readonly url: string
  end(): Promise<number | null>
}

/** An `exec` whose command has its instance. */
async function startClient(config: string): Promise<Client> {
  const argv = ['exec', '--quiet', '--config', config, '--', ...tells]
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
  return { url: /told (.*)/.exec(heard)?.[1] ?? '', end }
}

/** All have their instances at the same time; each instance answers, and knows nothing of the others. */
async function runAtOnce(count: number, config: string, isAlone: (url: string) => Promise<boolean>): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => startClient(config)))
  const urls = clients.map(({ url }) => url)
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

test(`50 unique librarians of 50 commands at once, ${rounds} times`, { timeout }, async () => {
  for (let round = 0; round < rounds; round++)
    expect(new Set(await runAtOnce(50, 'library.config.mjs', storesFirst)).size).toBe(50)
})

test(`12 unique Postgres of 12 commands at once, ${rounds} times`, { timeout }, async () => {
  for (let round = 0; round < rounds; round++)
    expect(new Set(await runAtOnce(12, 'postgres.config.mjs', makesTable)).size).toBe(12)
})
