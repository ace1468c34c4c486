import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { misbehavingServerText } from '../support/misbehaving-server.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const tells = `
import { tell, test } from './support.ts'
test('tells', ({ library }) => tell({ ran: library.serviceConfig.url }))
`

describe('a run that cannot bring up its services', () => {
  test('says why, with the log, before any test, and not where in our code', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: { good: librarian(), library: ${misbehavingServerText('exits-before-listening', 3)} },
})`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(exitCode).toBe(1)
    expect(output).toMatch(/ServiceError: LIBRARY .*status 3/)
    expect(output).toContain('last lines of its log:')
    expect(output).not.toMatch(/^ +(at|❯) /m)
    expect(project.told()).toEqual([])
    await expectNothingLeft(stateDirectory)
  })

  test('says how to allow more time than timeoutMs', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { command, defineConfig } from 'test-services'
export default defineConfig({ services: { idle: command({ command: ['node', '-e', 'setInterval(() => {}, 1000)'] }) } })`,
      'vitest.config.ts': `
import { testServices } from 'test-services/vitest'
export default { plugins: [testServices({ timeoutMs: 500 })] }`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(output).toMatch(/IDLE is up, but was not ready within 500 ms: .*: timeoutMs, or --timeout of the command\n/)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test.each([
    ['that does not compile', 'export default {', /ConfigError: the config file .*cannot be loaded: /],
    ['that exports nothing', 'export const config = {}', /ConfigError: the config file .*exports no config/],
    ['with a mistake', 'export default { servises: {} }', /ConfigError: .*\n.*servises: unknown key/],
    ['that throws', '\nthrow new Error("no luck")', /cannot be loaded: no luck\n ❯ test-services\.config\.ts:2:7/],
    [
      'with a wrong option',
      `import { librarian } from 'test-services/fixtures/librarian'\nlibrarian({ prot: 1 })`,
      /librarian\(\)\.prot: unknown key.*\n ❯ test-services\.config\.ts:2:\d/,
    ],
  ])('names a config file %s', async (_, config, message) => {
    const project = await createProject({
      'test-services.config.ts': config,
      'a.test.ts': `import { test } from 'vitest'\ntest('passes', () => {})`,
    })
    const { exitCode, output } = await project.run()
    expect(output).toMatch(message)
    expect(output).toContain(`${project.directory}/test-services.config.ts`)
    expect(exitCode).toBe(1)
  })

  test.each([
    ['an unknown option', "{ rest: 'each' }", 'testServices().rest: unknown key (did you mean "reset"?)'],
    ['a wrong option', "{ reset: 'always' }", `testServices().reset: expected ("each" | "used"), but got "always"`],
    [
      'an unknown service in an option',
      "{ services: ['libary'] }",
      'there is no service "libary" (did you mean "library"?) in /',
    ],
  ])('names %s of the plugin', async (_, options, message) => {
    const project = await createProject({
      'vitest.config.ts': `
import { testServices } from 'test-services/vitest'
export default { plugins: [testServices(${options})] }`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(output).toContain(message)
    expect(exitCode).toBe(1)
    expect(project.told()).toEqual([])
  })

  test('shows where the environment of a config throws', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
const environment = ({ library }) => library.no.where
export default defineConfig({ services: { library: librarian() }, environment })`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(output).toMatch(
      /ConfigError: the config's "environment" threw: .*\n ❯ environment test-services\.config\.ts:4:\d/,
    )
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('ends what it has brought up when the environment of a config throws', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { writeFileSync } from 'node:fs'
import { defineConfig } from 'test-services'
import { defineService, ExternalService } from 'test-services/fixture'
class Ended extends ExternalService {
  async start(instance) { instance.addCleanUp(() => writeFileSync('ended', '')); return {} }
  configFromVariables() { return {} }
  async verify() {}
  async makePristine() {}
}
const ended = defineService({ kind: 'ended', create: (init) => new Ended(init) })
export default defineConfig({ services: { ended }, environment: () => { throw new Error('no luck') } })`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(output).toContain(`the config's "environment" threw: no luck`)
    expect(exitCode).toBe(1)
    expect(existsSync(`${project.directory}/ended`)).toBe(true)
  })

  test('names a config file that is not there', async () => {
    const project = await createProject({
      'vitest.config.ts': `
import { testServices } from 'test-services/vitest'
export default { plugins: [testServices({ config: 'other/test-services.config.ts' })] }`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    const file = `${project.directory}/other/test-services.config.ts`
    expect(output).toContain(`ConfigError: there is no config file ${file}\n`)
    expect(exitCode).toBe(1)
  })

  test('says that no config file was found, and what is started instead', async () => {
    const project = await createProject({
      'a.test.ts': `import { test } from 'vitest'\ntest('passes', () => {})`,
    })
    await rm(`${project.directory}/test-services.config.ts`)
    const { output } = await project.run()
    expect(output).toContain(
      `test-services: no test-services.config file (.ts, .mts, .js, .mjs, .cjs) in ${project.directory} or above it: ` +
        "starting the bundled postgres; postgres: this run's own",
    )
    await expectNothingLeft(stateDirectory)
  })

  test('says that LP_CONFIG asks for a profile which there is not', async () => {
    const project = await createProject({ 'a.test.ts': tells })
    const file = `${project.directory}/test-services.config.ts`
    const message = 'ConfigError: profiles.ci, which LP_CONFIG asks for: there is no such profile'
    const inFile = await project.run(['run'], { LP_CONFIG: 'ci' })
    expect(inFile.output).toContain(`${message} in ${file}; it has no profiles\n`)
    expect(inFile.exitCode).toBe(1)
    await rm(file)
    const { output } = await project.run(['run'], { LP_CONFIG: 'ci' })
    expect(output).toContain(`${message}: no test-services.config.ts was found from ${project.directory} upward\n`)
    await expectNothingLeft(stateDirectory)
  })

  test('refuses two configs that mean different services by one label', async () => {
    const project = await createProject({
      'other.config.ts': `export { default } from './test-services.config.ts'`,
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices(), testServices({ config: 'other.config.ts' })] })`,
      'a.test.ts': tells,
    })
    const { exitCode, output } = await project.run()
    expect(output).toMatch(/services\.library of .*other\.config\.ts: another config of this run .* LIBRARY/)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })
})
