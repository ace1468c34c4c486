import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

describe('a run that cannot bring up its services', () => {
  test('shows the reason and the log, runs no test, and shows no stack of ours', async () => {
    const project = await createProject('dies-at-start')
    const { exitCode, output } = await project.run()
    expect(exitCode).toBe(1)
    expect(output).toMatch(/ServiceError: LIBRARY .*status 3/)
    expect(output).toMatch(/last lines of its log:\n.*no licence found/)
    expect(output).not.toMatch(/^ +(at|❯) /m)
    expect(output).not.toContain('passed')
    await expectNothingLeft(stateDirectory)
  })

  test('tells how to allow more time than timeoutMs', async () => {
    const project = await createProject('never-ready')
    const { exitCode, output } = await project.run(['--config', 'short.config.ts'])
    expect(output).toMatch(
      /LIBRARY is up, but was not ready within 500 ms: .*: timeoutMs of start\(\), of testServices\(\) in Vitest, or --timeout of the command\n/,
    )
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test.each([
    ['that does not compile', 'export default {', /ConfigError: the config file .*cannot be loaded: /],
    ['that throws', '\nthrow new Error("no luck")', /cannot be loaded: no luck\n ❯ test-services\.config\.ts:2:7/],
    [
      'with a wrong option',
      `import { librarian } from 'test-services/fixtures/librarian'\nlibrarian({ prot: 1 })`,
      /librarian\(\)\.prot: unknown key.*\n ❯ test-services\.config\.ts:2:\d/,
    ],
  ])('names a config file %s', async (_, config, message) => {
    const project = await createProject('library')
    project.write('test-services.config.ts', config)
    const { exitCode, output } = await project.run(['passes'])
    expect(output).toMatch(message)
    expect(output).toContain(`${project.directory}/test-services.config.ts`)
    expect(exitCode).toBe(1)
  })

  test.each([
    ['an unknown option', "{ rest: 'each' }", 'testServices().rest: unknown key (did you mean "reset"?)'],
    ['an unknown service', "{ services: ['libary'] }", 'there is no service "libary" (did you mean "library"?) in /'],
    [
      'a config file that is missing',
      "{ config: 'other/test-services.config.ts' }",
      '/library/other/test-services.config.ts\n',
    ],
  ])('names %s of the plugin', async (_, options, message) => {
    const project = await createProject('library')
    project.edit('vitest.config.ts', 'testServices()', `testServices(${options})`)
    const { exitCode, output } = await project.run(['passes'])
    expect(output).toContain('ConfigError: ')
    expect(output).toContain(message)
    expect(output).not.toContain('passed')
    expect(exitCode).toBe(1)
  })

  test('shows where the environment of a config throws, and ends its services', async () => {
    const project = await createProject('environment-throws')
    const { exitCode, output } = await project.run()
    expect(output).toMatch(
      /^test-services: no test runs, since the services are not up; the error is below\n[\s\S]*ConfigError: the config's "environment" in \S+\/test-services\.config\.ts threw: no luck\n ❯ environment test-services\.config\.ts:\d+:\d/m,
    )
    expect(existsSync(`${project.directory}/ended`)).toBe(true)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('tells that no config file was found, and what is started instead', async () => {
    const project = await createProject('library')
    await rm(`${project.directory}/test-services.config.ts`)
    const { output } = await project.run(['passes'])
    expect(output).toContain(
      `test-services: no test-services.config file (.ts, .mts, .js, .mjs, .cjs) in ${project.directory} or above it: ` +
        "starting the bundled postgres; postgres: this run's own",
    )
    await expectNothingLeft(stateDirectory)
  })

  test('names a profile that LP_CONFIG asks for and the config lacks', async () => {
    const project = await createProject('two-libraries')
    const file = `${project.directory}/test-services.config.ts`
    const message = 'ConfigError: profiles.ci, which LP_CONFIG asks for: there is no such profile'
    const inFile = await project.run([], { LP_CONFIG: 'ci' })
    expect(inFile.output).toContain(`${message} in ${file}; it has no profiles\n`)
    expect(inFile.exitCode).toBe(1)
    await rm(file)
    const { output } = await project.run([], { LP_CONFIG: 'ci' })
    expect(output).toContain(`${message}: no test-services.config.ts was found from ${project.directory} upward\n`)
    await expectNothingLeft(stateDirectory)
  })

  test('refuses two configs that mean different services by one label', async () => {
    const project = await createProject('library')
    const { exitCode, output } = await project.run(['passes', '--config', 'two-configs.config.ts'])
    expect(output).toMatch(/services\.library of .*other\.config\.ts: another config of this run .* LIBRARY/)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })
})
