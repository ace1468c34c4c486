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

const answers = (text: string) => `
import { createServer } from 'node:http'
createServer((request, response) => {
  if (request.url === '/crash') process.exit(1)
  response.end('${text}')
}).listen(process.env.PORT, '127.0.0.1')`

/** One command for the run, and one for each worker, which answers with a file of its own. */
const commands = {
  'test-services.config.ts': `
import { command, defineConfig } from 'test-services'
export default defineConfig({
  services: {
    server: command({ command: ['node', 'server.mjs'] }),
    front: command({ command: ['node', 'front.mjs'], needs: ['server'], files: ['text*.txt'] }),
  },
})`,
  'server.mjs': answers('one'),
  'front.mjs': answers("' + text + '").replace(
    '\n',
    "\nimport { readFileSync } from 'node:fs'\nconst text = readFileSync('text.txt', 'utf8')\n",
  ),
  'text.txt': 'first',
}

const asks = (name: string, more = '') => `
import { tell, test } from './support.ts'
const ask = async ({ serviceConfig }, path = '') => (await fetch(serviceConfig.url + path)).text()
test('asks', async ({ server, front }) => {
  tell({ ['${name} ' + (await ask(server)) + ' ' + (await ask(front))]: 'yes' })
  ${more}
})`

test('commands are started anew when their files have changed, and when they have crashed', async () => {
  const project = await createProject({ ...commands, 'a.test.ts': asks('a') })
  const vitest = project.start(['watch'])
  await project.whenTold('a one first')
  await project.write({ 'server.mjs': answers('two'), 'a.test.ts': asks('b') })
  await project.whenTold('b two first')
  const crash = "await ask(server, '/crash').catch(() => tell({ crashed: 'yes' }))"
  await project.write({ 'text.txt': 'second', 'a.test.ts': asks('c', crash) })
  await project.whenTold('c two second')
  await project.whenTold('crashed')
  await project.write({ 'a.test.ts': asks('d') })
  await project.whenTold('d two second')
  vitest.child.kill('SIGTERM')
  await vitest.ended
  await expectNothingLeft(stateDirectory)
})

test('tests run again when a file of a command changes', async () => {
  const project = await createProject({ ...commands, 'a.test.ts': asks('a') })
  const vitest = project.start(['watch'])
  await project.whenTold('a one first')
  await project.write({ 'server.mjs': answers('two') })
  await project.whenTold('a two first')
  await project.write({ 'text.txt': 'second' })
  await project.whenTold('a two second')
  vitest.child.kill('SIGTERM')
  await vitest.ended
  await expectNothingLeft(stateDirectory)
})
