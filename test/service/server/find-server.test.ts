import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { diagnoseServer } from '../../../src/service/server/diagnosis.ts'
import { findServer } from '../../../src/service/server/find-server.ts'
import type { ServerDescription } from '../../../src/service/server/server-description.ts'
import type { ServerOptions } from '../../../src/service/server/server-options.ts'
import { caught } from '../../support/caught.ts'

const root = mkdtempSync(join(tmpdir(), 'test-services-servers-'))
afterAll(() => rmSync(root, { recursive: true }))

const barley: ServerDescription = {
  name: 'Barley',
  programs: ['barleyd', 'barley-server'],
  places: [`${root}/opt/barley@*/bin`],
  version: { argv: ['--version'], pattern: /barley (\S+)/ },
  install: { apt: 'barley', brew: 'barley' },
}

/** Makes a program that prints a version on standard error, as some do. */
function installProgram(path: string, version: string): string {
  const program = join(root, path)
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, `#!/bin/sh\necho "barley ${version}" >&2\n`)
  chmodSync(program, 0o755)
  return program
}

let onPath: string
let newer: string
let older: string

beforeEach(() => {
  onPath = installProgram('bin/barley-server', '1.9.3')
  newer = installProgram('opt/barley@10/bin/barleyd', '10.0.1')
  older = installProgram('opt/barley@9/bin/barleyd', '9.4beta2')
  vi.stubEnv('PATH', join(root, 'bin'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(join(root, 'bin'), { recursive: true })
  rmSync(join(root, 'opt'), { recursive: true })
})

const programFor = async (options: ServerOptions, description = barley): Promise<string> =>
  (await findServer({ description, options })).program

describe('an installed server', () => {
  test('is found on PATH first, then in the usual places, the newest first', async () => {
    expect(await programFor({})).toBe(onPath)
    rmSync(onPath)
    expect(await programFor({})).toBe(newer)
  })

  test.each([
    [10, () => newer],
    ['9', () => older],
    ['1.9', () => onPath],
    ['>=9 <10', () => older],
    ['9.4beta2', () => older],
  ])('is chosen by its version among several: %s', async (version, program) => {
    const server = await findServer({ description: barley, options: { version } })
    expect(server.program).toBe(program())
    expect(server.version).toMatch(/^\d+\.\d/)
  })

  test('is not asked for its version if no version is demanded', async () => {
    writeFileSync(onPath, '#!/bin/sh\nexit 1\n')
    expect(await findServer({ description: barley, options: {} })).toMatchObject({
      program: onPath,
      version: undefined,
    })
  })

  test('that has another version is an error, which names each that is there', async () => {
    const error = await caught(findServer({ description: barley, options: { version: '>=11' } }))
    expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
    expect(error.message).toBe(
      [
        'no Barley >=11 was found:',
        `  installed: ${onPath} is version 1.9.3`,
        `  installed: ${newer} is version 10.0.1`,
        `  installed: ${older} is version 9.4beta2`,
        '  to get this version: name a program of version >=11 in "binaries"',
      ].join('\n'),
    )
  })

  test('that is nowhere is installed by packages, if they have the version', async () => {
    const elsewhere = { ...barley, programs: ['wheatd'], npm: 'wheat', image: 'localhost/wheat' }
    const error = await caught(findServer({ description: elsewhere, options: { version: 8 } }))
    expect(error.message.split('\n').at(-1)).toBe(
      '  to get this version: apt-get install barley, if that is version 8, or brew install barley, if that is version 8, ' +
        'or name a program of version 8 in "binaries", or npm install --save-dev "wheat@8", ' +
        'or name an image of version 8 in "image"',
    )
  })

  test('that is nowhere may come from an archive', async () => {
    const install = { brew: 'wheat', archive: 'https://wheat.example' }
    const error = await caught(programFor({}, { name: 'Wheat', programs: ['wheatd'], install }))
    expect(error.message).toContain(
      'brew install wheat, or unpack an archive from https://wheat.example, and name its directory in "binaries"',
    )
  })

  test('that does not run is passed over if a version is demanded', async () => {
    writeFileSync(onPath, '#!/bin/sh\necho broken library; exit 127\n')
    expect(await programFor({ version: '>0' })).toBe(newer)
  })

  test.each([
    ['a directory', () => join(root, 'opt/barley@9/bin')],
    ['the parent of a directory', () => join(root, 'opt/barley@9')],
    ['a program', () => older],
  ])('is where "binaries" says: %s', async (_what, binaries) => {
    expect(await programFor({ binaries: binaries() })).toBe(older)
  })

  test('is looked for on PATH and from the directory of the config by its name', async () => {
    expect(await programFor({ binaries: 'barley-server' })).toBe(onPath)
    const options = { binaries: './bin' }
    expect((await findServer({ description: barley, options, directory: root })).program).toBe(onPath)
  })

  test('that is not where "binaries" says is an error, even if there is another', async () => {
    const error = await caught(programFor({ binaries: join(root, 'nowhere/barleyd') }))
    expect(error.message).toContain(`barleyd is not at ${root}/nowhere/barleyd, as "binaries" says`)
    const inDirectory = await caught(programFor({ binaries: root }, { ...barley, programs: ['wheatd'] }))
    expect(inDirectory.message).toContain(`wheatd is not in ${root}, which "binaries" names`)
  })

  test('has its tools beside it, or on PATH', async () => {
    const tool = installProgram('bin/barley-init', '1')
    const description = { ...barley, programs: ['barleyd'], tools: ['barley-init'] }
    expect((await findServer({ description, options: {} })).tool('barley-init')).toBe(tool)
    rmSync(tool)
    const error = await caught(programFor({}, description))
    expect(error.message).toContain(`${newer} is there, but barley-init is not on PATH or in the usual places`)
  })
})

describe('an npm package', () => {
  const packaged: ServerDescription = { ...barley, npm: 'valibot' }

  test('comes before an installed server, unless the user names a program', async () => {
    const server = await findServer({ description: packaged, options: { version: 1 } })
    expect(server).toMatchObject({ origin: 'npm', program: expect.stringMatching(/node_modules\/valibot$/) })
    expect(server.version).toMatch(/^1\./)
    expect(await programFor({ binaries: older }, packaged)).toBe(older)
    expect(await programFor({ from: 'auto', binaries: older }, packaged)).toBe(older)
  })

  test('comes second if the description says so', async () => {
    const description = { ...packaged, order: ['installed', 'npm'] } as const
    expect(await programFor({}, description)).toBe(onPath)
    expect(await programFor({ from: 'npm' }, description)).toContain('node_modules')
  })

  test('that is not installed is an error that says what installs it', async () => {
    const description = { name: 'Barley', npm: 'barley-in-memory' }
    const error = await caught(findServer({ description, options: {} }))
    expect(error.message).toContain('npm: the npm package barley-in-memory is not installed')
    expect(error.message).toContain('npm install --save-dev barley-in-memory')
  })
})

test.each([
  ['an origin that the server does not have', { from: 'npm' }, 'Barley: from: expected auto, installed, got "npm"'],
  ['an image of a server that runs in none', { image: 'barley' }, 'from: expected auto, installed, got "container"'],
  ['a version that is none', { version: 'new' }, 'expected a version or a range such as "7.2" or ">=7", got "new"'],
] as const)('%s is an error of the config', async (_what, options, message) => {
  const error = await caught(findServer({ description: barley, options }))
  expect(error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining(message) })
})

describe('an image', () => {
  const inImage: ServerDescription = { ...barley, programs: ['wheatd'], image: 'localhost/wheat:1' }

  test('is looked for last, and a missing engine is one reason among others', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${root}/no.sock`)
    const error = await caught(findServer({ description: inImage, options: {} }))
    expect(error.message).toContain('installed: wheatd is not on PATH')
    expect(error.message).toContain(`container: no container engine answers at unix://${root}/no.sock`)
    expect(error.message).toContain('docker pull localhost/wheat:1')
  })

  test('that the user names is the only origin', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${root}/no.sock`)
    const error = await caught(findServer({ description: inImage, options: { image: 'localhost/barley' } }))
    expect(error).toMatchObject({ code: 'ERR_CONTAINER' })
    expect(error.message).toMatch(/^no container engine answers at .*: start Docker, or "podman system service/)
    expect(error.message).not.toContain('apt-get')
    expect(await diagnoseServer(inImage, { from: 'container' })).toEqual({
      facts: [],
      problem: expect.stringMatching(/^no container engine answers at .* or name the socket in DOCKER_HOST$/),
    })
  })
})

describe('the diagnosis', () => {
  test('lists the servers and their versions, each program once', async () => {
    symlinkSync(join(root, 'bin'), join(root, 'opt/barley@11'))
    vi.stubEnv('PATH', `${join(root, 'bin')}:${join(root, 'opt/barley@11')}`)
    expect(await diagnoseServer(barley)).toEqual({
      facts: [
        `installed: 1.9.3 in ${onPath}, the default`,
        `installed: 10.0.1 in ${newer}`,
        `installed: 9.4beta2 in ${older}`,
      ],
    })
  })

  test('lists the servers of the demanded version only, or says what gives one', async () => {
    const options = { version: '>=9' }
    expect(await diagnoseServer(barley, options)).toEqual({
      facts: [`installed: 10.0.1 in ${newer}, the default`, `installed: 9.4beta2 in ${older}`],
    })
    expect(await diagnoseServer(barley, { ...options, binaries: './bin' }, root)).toEqual({
      facts: [],
      problem: `installed: 1.9.3 in ${onPath}: name a program of version >=9 in "binaries"`,
    })
  })

  test('reads a version whatever the exit status, and refuses a program of another kind', async () => {
    writeFileSync(onPath, '#!/bin/sh\necho "barley 1.9.3"; exit 3\n')
    expect((await diagnoseServer({ ...barley, places: [] })).facts).toEqual([`installed: 1.9.3 in ${onPath}`])
    writeFileSync(onPath, '#!/bin/sh\necho "oats 2.0"\n')
    expect(await diagnoseServer({ ...barley, places: [] })).toEqual({
      facts: [],
      problem: expect.stringMatching(
        /barley-server --version prints no version of Barley: oats 2\.0: apt-get install barley/,
      ),
    })
  })

  test('says what is missing, and what installs it', async () => {
    expect(await diagnoseServer({ ...barley, programs: ['wheatd'], npm: 'wheat' })).toEqual({
      facts: [],
      problem:
        'the npm package wheat is not installed, and wheatd is not on PATH or in the usual places: ' +
        'apt-get install barley, or brew install barley, or npm install --save-dev wheat',
      packages: ['wheat'],
    })
  })
})
