import { readFileSync, utimesSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, distinct, type Project } from './project.ts'

const { stateDirectory } = useCleanState()

const scopeTo = (project: Project, scope: string): void =>
  project.edit('test-services.config.ts', "needs: ['db']", `needs: ['db'], scope: '${scope}'`)

test("a command with scope: 'run' is one for all workers", async () => {
  const project = await createProject('headline')
  scopeTo(project, 'run')
  const { output } = await project.run(['tells'])
  expect(output).toContain('2 passed')
  expect(output).toContain("test-services: db, api: this run's own\n")
  const told = project.told()
  expect(distinct(told.map(({ url }) => url))).toBe(2)
  expect(distinct(told.map(({ api }) => api))).toBe(1)
  expect(readFileSync(`${project.directory}/starts`, 'utf8')).toBe('started\n')
  await expectNothingLeft(stateDirectory)
})

test("a run that attaches has commands of its own, unless their scope is 'run'", async () => {
  const project = await createProject('headline')
  const variables = JSON.parse(await project.command(['--daemonise', '--format', 'json'])) as Record<string, string>
  onTestFinished(async () => {
    await project.command(['stop'])
    await expectNothingLeft(stateDirectory)
  })
  const { output } = await project.run(['tells'], variables)
  expect(output).toContain('2 passed')
  expect(output).toMatch(
    /test-services: db: attached to the helper "default" of .*config\.ts \(process \d+, since 20.*Z\)\n/,
  )
  const told = project.told()
  for (const { port, api } of told) {
    expect(port).toBe(variables.LP_DB_PORT)
    expect(api).not.toBe(variables.LP_API_URL)
  }
  scopeTo(project, 'run')
  const later = new Date(Date.now() + 60_000)
  utimesSync(`${project.directory}/schema.sql`, later, later)
  const shared = await project.run(['tells'], variables)
  expect(shared.output).toContain('2 passed')
  expect(shared.output).toMatch(/db, api: attached .*; newer than that, and not used .*: schema\.sql\n/)
  for (const { api } of project.told().slice(told.length)) expect(api).toBe(variables.LP_API_URL)
})
