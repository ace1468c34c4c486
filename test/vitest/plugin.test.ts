import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, distinct } from './project.ts'

const { stateDirectory } = useCleanState()

describe('a run with the plugin', () => {
  test.each(cases(['forks', 'vmThreads'], ['threads', 'vmForks']))(
    'has one instance, and a slot for each worker, which its environment names (%s)',
    async (pool) => {
      const project = await createProject('library')
      const { exitCode, output } = await project.run(['tells', '--pool', pool])
      expect(output).toContain('2 passed')
      expect(exitCode).toBe(0)
      const told = project.told()
      for (const { url, before, beforeLp, during, duringLp, inFile, amongAll, labels } of told) {
        expect(url).toContain('/spaces/')
        expect([before, beforeLp, during, duringLp, inFile, amongAll]).toEqual(Array(6).fill(url))
        expect(labels).toBe('LIBRARY')
      }
      expect(distinct(told.map(({ instanceId }) => instanceId))).toBe(1)
      expect(distinct(told.map(({ url }) => url))).toBe(2)
      await expectNothingLeft(stateDirectory)
    },
  )

  test('works in a package of type commonjs, as npm init makes it', async () => {
    const project = await createProject('library')
    project.write('package.json', '{ "type": "commonjs" }')
    const { exitCode, output } = await project.run(['tells.test'])
    expect(output).toContain('1 passed')
    expect(exitCode).toBe(0)
  })

  test('has one instance for all projects, with the root config or a plugin of their own', async () => {
    const project = await createProject('library')
    const { exitCode, output } = await project.run(['--config', 'three-projects.config.ts'])
    expect(output).toContain('3 passed')
    expect(exitCode).toBe(0)
    expect(distinct(project.told().map(({ instanceId }) => instanceId))).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('shares a config object between projects, and starts the services asked for', async () => {
    const project = await createProject('library')
    const { output } = await project.run(['--config', 'config-object.config.ts'])
    expect(output).toContain('2 passed')
    expect(project.told().map(({ labels }) => labels)).toEqual(['LIBRARY', 'LIBRARY'])
    expect(distinct(project.told().map(({ instanceId }) => instanceId))).toBe(1)
  })

  test("starts services before the user's global set-up, which finds them", async () => {
    const project = await createProject('global-setup')
    expect((await project.run()).output).toContain('1 passed')
  })

  test('keeps its stack for a whole watch session', async () => {
    const project = await createProject('library')
    const vitest = project.start(['watch', 'tells.test'])
    await project.whenTold('instanceId')
    project.edit('tells.ts', "test('tells'", "test('tells again'")
    await eventually('it has run again', () => project.told().length === 2, 30_000)
    vitest.child.kill('SIGTERM')
    await vitest.ended
    expect(distinct(project.told().map(({ instanceId }) => instanceId))).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('lists tests, and leaves nothing', async () => {
    const project = await createProject('library')
    const { exitCode, output } = await project.start(['list', 'tells.test']).ended
    expect(output).toContain('tells.test.ts > tells')
    expect(exitCode).toBe(0)
    await expectNothingLeft(stateDirectory)
  })

  test('brings up the configured instances where LP_CONFIG names a profile', async () => {
    const project = await createProject('library')
    const { output } = await project.run(['tells.test'], { LP_CONFIG: 'development' })
    expect(output).toContain('1 passed')
    expect(project.told()[0]?.storageDirectory).toContain(`${project.directory}/kept`)
    await expectNothingLeft(stateDirectory)
  })
})
