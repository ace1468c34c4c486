import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, distinct, type Project, statusOf } from './project.ts'

const { stateDirectory } = useCleanState()

type Variables = Record<string, string>

/** A helper as \`eval "$(test-services --daemonise)"\` leaves it in a shell. */
async function daemonise(project: Project, ...services: readonly string[]): Promise<Variables> {
  const argv = ['--daemonise', '--format', 'json', ...services]
  const variables = JSON.parse(await project.command(argv)) as Variables
  onTestFinished(async () => {
    await project.command(['stop'])
    await expectNothingLeft(stateDirectory)
  })
  return variables
}

describe('a run where services are declared as running', () => {
  test('attaches to them, starts none, and leaves them as they were', async () => {
    const project = await createProject('library')
    const variables = await daemonise(project)
    const { output } = await project.run(['tells'], variables)
    expect(output).toContain('2 passed')
    const told = project.told()
    expect(told.map(({ instanceId }) => instanceId)).toEqual([
      variables.LP_LIBRARY_INSTANCE_ID,
      variables.LP_LIBRARY_INSTANCE_ID,
    ])
    expect(await statusOf(`${variables.LP_LIBRARY_URL}/healthz`)).toBe(200)
    expect(await statusOf(`${told[0]?.url}/files`)).toBe(404)
  })

  test.each(cases(['forks'], ['threads']))('leaves them usable when it is killed (%s)', async (pool) => {
    const project = await createProject('library')
    const variables = await daemonise(project)
    const vitest = project.start(['run', 'endless', '--pool', pool], variables)
    const { url } = await project.whenTold('url')
    vitest.child.kill('SIGKILL')
    await vitest.ended
    await eventually('its slice is gone', async () => (await statusOf(`${url}/files`)) === 404)
    expect((await project.run(['tells'], variables)).output).toContain('2 passed')
  })

  test('fails before any test when they are dead, and says how to start them', async () => {
    const project = await createProject('library')
    const variables = await daemonise(project)
    await project.command(['stop'])
    const { exitCode, output } = await project.run(['tells'], variables)
    expect(output).toContain('ServiceError: cannot attach to LIBRARY')
    expect(output).toContain('eval "$(npx test-services --daemonise)"')
    expect(output).not.toMatch(/^ +(at|❯) /m)
    expect(exitCode).toBe(1)
    expect(project.told()).toEqual([])
    await expectNothingLeft(stateDirectory)
  })

  test('fails before any test when the helper lives and the service is dead', async () => {
    const project = await createProject('library')
    const variables = await daemonise(project)
    const { services } = JSON.parse(await project.command(['status', '--json'], variables)) as {
      services: { pid: number }[]
    }
    process.kill(services[0]?.pid ?? 0, 'SIGKILL')
    const { exitCode, output } = await project.run(['tells'], variables)
    expect(output).toContain('ServiceError: cannot attach to LIBRARY')
    expect(exitCode).toBe(1)
    expect(project.told()).toEqual([])
  })
})

const whatRestarts = 'stop what is left of it, and forget it, with eval "$(npx test-services --stop)"; then start'

describe('a run where what is declared makes no sense', () => {
  const nonsense: readonly [string, Record<string, string>, string][] = [
    ['no variable', {}, 'no LP_LIBRARY_* variable is set'],
    ['nothing that answers', { LP_LIBRARY_URL: 'http://127.0.0.1:1' }, 'LIBRARY does not answer: connect ECONNREFUSED'],
    ['a holder that is gone', { LP_LIBRARY_CONTROL_PID: '4194304' }, 'its holder, process 4194304, is gone'],
    ['no URL', { LP_LIBRARY_URL: 'nowhere' }, 'its variables are invalid (Invalid URL)'],
    [
      'a config file that is none',
      { LP_LIBRARY_CONFIGFILE: 'tells.test.ts' },
      'its config file tells.test.ts holds no JSON',
    ],
    ['a config file that is not there', { LP_LIBRARY_CONFIGFILE: '/nosuch' }, 'its config file /nosuch cannot be read'],
  ]

  // test/service/instance/attach.test.ts has all of them without Vitest.
  test.each(cases(nonsense.slice(0, 2), nonsense))(
    'names %s, with what to do, before any test',
    async (_, variables, message) => {
      const project = await createProject('library')
      const declared = { LP_PERSISTENT_TEST_SERVICES: 'LIBRARY', ...variables }
      const { exitCode, output } = await project.run(['tells'], declared)
      expect(output).toContain(`ServiceError: cannot attach to LIBRARY: ${message}`)
      const isByHand = 'LP_LIBRARY_URL' in variables
      expect(output).toContain(isByHand ? 'check the variables LP_LIBRARY_*' : whatRestarts)
      expect(output).not.toMatch(/^ +(at|❯) /m)
      expect(exitCode).toBe(1)
      expect(project.told()).toEqual([])
      await expectNothingLeft(stateDirectory)
    },
  )
})

describe('a run where other services are declared as running', () => {
  test.each(cases(['FOREIGN,STRANGE'], ['', 'FOREIGN']))('brings up its own stack once (%s)', async (foreign) => {
    const project = await createProject('two-libraries')
    const environment = { LP_PERSISTENT_TEST_SERVICES: foreign, LP_FOREIGN_URL: 'http://127.0.0.1:1' }
    const { output } = await project.run(['tells'], environment)
    expect(output).toContain('2 passed')
    const told = project.told()
    expect(distinct(told.map(({ id }) => id))).toBe(1)
    for (const { labels, plain, shared } of told) {
      expect(labels?.split(',')).toContain('LIBRARY')
      expect(shared).toMatch(/^http:/)
      expect(plain).toBe(shared)
    }
    await expectNothingLeft(stateDirectory)
  })

  test('attaches to those of its own that are declared, and brings up the rest once', async () => {
    const project = await createProject('two-libraries')
    const variables = await daemonise(project, 'library')
    const { output } = await project.run(['tells'], variables)
    expect(output).toContain('2 passed')
    const told = project.told()
    expect(told).toHaveLength(2)
    for (const each of told)
      expect(each).toMatchObject({
        labels: 'LIBRARY,OTHER',
        id: variables.LP_LIBRARY_INSTANCE_ID,
        shared: expect.stringContaining(`${variables.LP_LIBRARY_URL}/spaces/`),
        plain: each.shared,
        otherPlain: each.otherShared,
      })
    expect(distinct(told.map(({ otherId }) => otherId))).toBe(1)
    expect(await statusOf(`${variables.LP_LIBRARY_URL}/healthz`)).toBe(200)
    expect(await statusOf(`${told[0]?.otherShared}/healthz`)).toBe(0)
  })
})
