import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import {
  applicationLadder,
  defineService,
  ProcessService,
  type ProcessStart,
  randomName,
  ready,
  type ServiceOptions,
  type SetUpContext,
} from '../../src/fixture.ts'
import { command } from '../../src/index.ts'
import { type Contract, type ContractCase, type ContractOptions, fixtureContract } from '../../src/testing.ts'
import { caught } from '../support/caught.ts'
import { readDocument } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { program } from '../support/programs.ts'

useCleanState()
// A test runs a whole contract, which takes long on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

interface NotesConfig {
  readonly url: string
  readonly port: number
  readonly password: string
}

class Notes extends ProcessService<NotesConfig> {
  protected async onStart(context: SetUpContext): Promise<ProcessStart<NotesConfig>> {
    const port = await context.claimPort()
    const environment = { PORT: String(port) }
    const config = { url: `http://127.0.0.1:${port}/own`, port, password: `password-${randomName(12)}` }
    return {
      argv: program('keeps-notes'),
      environment,
      ladder: applicationLadder,
      port,
      config,
      readiness: ready.http('/'),
    }
  }

  protected override async onAttach(existing: NotesConfig, context: SetUpContext): Promise<NotesConfig> {
    const url = new URL(`/tenant-${randomName(8)}`, existing.url).href
    context.addCleanUp(() => send('DELETE', url))
    await send('PUT', url)
    return { ...existing, url }
  }

  protected async onCheck({ url }: NotesConfig): Promise<void> {
    await send('GET', url)
  }

  protected async onReset({ url }: NotesConfig): Promise<void> {
    await send('PUT', url)
  }

  protected configFromVariables({ url = '', port, password = '' }: Readonly<Record<string, string>>): NotesConfig {
    return { url, port: Number(port), password }
  }
}

async function send(method: string, url: string): Promise<void> {
  await (await fetch(url, { method, body: method === 'POST' ? 'a note' : null })).text()
}

async function read(url: string): Promise<string[]> {
  return (await (await fetch(url)).json()) as string[]
}

const options: ContractOptions<Notes> = {
  write: ({ serviceConfig }) => send('POST', serviceConfig.url),
  read: ({ serviceConfig }) => read(serviceConfig.url),
  tenants: async ({ serviceConfig }) => (await read(new URL('/paths', serviceConfig.url).href)).filter(isTenant),
  dirt: { 'a note': ({ serviceConfig }) => send('POST', serviceConfig.url) },
  isPristine: async ({ serviceConfig }) => (await read(serviceConfig.url)).length === 0,
}

function isTenant(path: string): boolean {
  return path.startsWith('/tenant-')
}

function contractOf(fixture: new (init: ServiceOptions) => Notes): Contract {
  return fixtureContract(defineService({ kind: 'notes', create: (init) => new fixture(init) }), options)
}

function caseNamed(contract: Contract, sought: string): ContractCase {
  const [found] = contract.filter(({ name }) => name === sought)
  if (found) return found
  throw new Error(`there is no case "${sought}"`)
}

/** Runs every case; returns the messages of those that fail, by name. */
async function failuresOf(contract: Contract): Promise<Record<string, string>> {
  const failures: Record<string, string> = {}
  for (const { name, run } of contract) {
    const error = await run().then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    if (error) failures[name] = error.message
  }
  return failures
}

test('a fixture that leaks a directory fails only the last case, which names it', async () => {
  class Leaking extends Notes {
    protected override async onStop(): Promise<void> {
      mkdtempSync(join(tmpdir(), 'leak-'))
    }
  }
  const failures = await failuresOf(contractOf(Leaking))
  expect(Object.keys(failures)).toEqual(['nothing is left at the end'])
  expect(Object.values(failures)[0]).toMatch(/a set-up can be repeated, also while it runs: .*\/leak-/)
})

test('a fixture whose reset does nothing fails the cases about resets', async () => {
  class Unreset extends Notes {
    protected override async onReset(): Promise<void> {}
  }
  expect(await failuresOf(contractOf(Unreset))).toEqual({
    'a reset takes back: a note': expect.stringContaining('the dirt "a note" is still there after the reset'),
    'a reset of one tenant leaves the others as they are': expect.stringContaining('the dirt "a note" is still there'),
  })
})

test('a fixture whose tenants see each other fails the cases about tenants', async () => {
  class Shared extends Notes {
    protected override async onAttach(existing: NotesConfig): Promise<NotesConfig> {
      return existing
    }
  }
  expect(await failuresOf(contractOf(Shared))).toEqual({
    'tenants do not see each other': expect.stringContaining('a tenant sees the data of another tenant'),
    'a reset of one tenant leaves the others as they are': expect.stringContaining('"isPristine" is false'),
  })
})

test('a fixture that shows its password fails the case about secrets, with its log', async () => {
  class Telling extends Notes {
    protected override async onStart(context: SetUpContext): Promise<ProcessStart<NotesConfig>> {
      const start = await super.onStart(context)
      return { ...start, argv: [...start.argv, start.config.password] as never }
    }
  }
  const { run } = caseNamed(contractOf(Telling), 'secrets are in no error, no shown log, and no arguments')
  expect((await caught(run())).message).toMatch(
    /a secret of the config is in the arguments of process \d+\n {2}last lines of its log:\n {4}keeps notes$/,
  )
})

test('a case whose hooks are missing is left out, and says what it needs', () => {
  const { leftOut } = fixtureContract(command({ command: program('keeps-notes') }), { hasProcess: false })
  expect(leftOut).toContainEqual({ name: 'tenants do not see each other', needs: ['tenants', 'write', 'read'] })
  expect(leftOut).toContainEqual({ name: 'a killed holder leaves nothing', needs: ['module'] })
  expect(leftOut).toContainEqual({
    name: 'a death is reported with its exit and the end of the log',
    needs: ['hasProcess'],
  })
})

test('a module without the definition is refused, naming its exports', async () => {
  const module = { url: new URL('../support/caught.ts', import.meta.url), name: 'postgres' }
  const contract = fixtureContract(command({ command: program('keeps-notes') }), { module })
  const error = await caught(caseNamed(contract, 'a killed holder leaves nothing').run())
  expect(error).toMatchObject({ code: 'ERR_CONTRACT' })
  expect(error.message).toMatch(/the export "postgres" of .*caught\.ts is no definition.*the module exports caught/)
})

test('docs/writing-a-fixture.md lists every case, with the options that it needs', () => {
  const [, table = ''] =
    /^\| case \| needs \|\n\|---\|---\|\n(.*?)\n\n/ms.exec(readDocument('docs/writing-a-fixture.md')) ?? []
  const rows = table.split('\n').map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  const listed = rows.map(([, name = '', needs = '']) => ({ name, needs: needs.split(', ').filter(Boolean) }))
  const bare = fixtureContract(command({ command: program('keeps-notes') }), { hasProcess: false })
  const cases = [...bare.map(({ name }) => ({ name, needs: [] })), ...bare.leftOut]
  const known = cases.map(({ name, needs }) => ({ name: name.replace(/(?<=takes back: ).*/, ''), needs }))
  const inDocument = listed.map(({ name, needs }) => ({ name: name.replace(/(?<=takes back:) ….*/, ' '), needs }))
  expect(new Set(inDocument)).toEqual(new Set(known))
})
