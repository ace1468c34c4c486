import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const config = (level: string) => `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({
  services: { db: postgres({ template: { files: ['sql/*.sql'] } }) },
  environment: { LEVEL: '${level}' },
})`

const tells = (name: string) => `
import { config, tell, test } from './support.ts'
test('tells', () => tell({ ['${name} ' + config.environment.LEVEL]: 'yes' }))`

test('tests that run again after a change of what the services were started with are told beside, once', async () => {
  const project = await createProject({
    'test-services.config.ts': config('one'),
    'sql/1.sql': 'CREATE TABLE one (id int)',
    'a.test.ts': tells('first'),
  })
  const vitest = project.start(['watch'])
  await project.whenTold('first one')
  await project.write({ 'test-services.config.ts': config('two') })
  await project.whenTold('first two')
  await project.write({ 'sql/2.sql': 'CREATE TABLE two (id int)', 'a.test.ts': tells('second') })
  await project.whenTold('second two')
  await project.write({ 'a.test.ts': tells('third') })
  await project.whenTold('third two')
  vitest.child.kill('SIGTERM')
  const { output } = await vitest.ended
  expect(output.match(/^.* has changed: .*$/gm)).toEqual([
    'test-services.config.ts has changed: restart vitest to use it',
    'sql/2.sql has changed: restart vitest to use it',
  ])
  await expectNothingLeft(stateDirectory)
})
