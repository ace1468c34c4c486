import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/kernel/errors.ts'
import { loadWorkflowConfig } from '../../../src/workflow/config/load-workflow-config.ts'
import { checkWorkflow } from '../../../src/workflow/document/check-workflow.ts'
import { testScripts } from '../../support/checked-workflow.ts'
import { repeats } from '../../support/repeats.ts'
import { writtenFiles } from '../../support/written-files.ts'

const workflow = `doc: Builds and copies
steps:
  - &first
    name: build
    transport: initiator
    timeout: 1h 30m
    directory: /src
    environment: &variables { A: 1.10, B: "two\\n", <<: {} }
    run: |
      # comment
      echo {{ config.a }} \\
        {{ local.env.HOME }}
  - <<: *first
    name: again
    environment: { <<: *variables, C: 'x' }
  - name: copy
    uses: copy
    with: { from: "{{ config.b.c }}", names: [a, "b"], times: 2 }
`
const config = `transports: { board: { type: ssh, host: h, port: 22 }, box: { type: container, image: i } }
a: 1
b: &b { c: text, d: [1, true, null] }
e: *b
`
const snippets = [
  '{{',
  '}}',
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '&a ',
  '*a',
  '<<: ',
  '- ',
  '\n',
  '  ',
  '\t',
  '"',
  "'",
  '|',
  '>',
  '#',
  '!t ',
  '?',
  '---',
  '%',
  '\0',
  '\r',
  '\ufeff',
  '0x',
  '.inf',
  'null',
  '__proto__: ',
  'é',
]

/** A generator of numbers that repeats its numbers for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % limit
  }
}

/** Changes a text at some places: inserts, removes, copies. */
function edited(text: string, seed: number): string {
  const random = randomFrom(seed)
  let result = text
  for (let i = random(4); i >= 0; i--) {
    const at = random(result.length + 1)
    const length = random(12)
    const inserted = [snippets[random(snippets.length)], '', result.slice(at, at + length)][random(3)]
    result = result.slice(0, at) + inserted + result.slice(at + random(2) * length)
  }
  return result
}

/** Returns the error for an edited text, if it is refused. */
async function refusal(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => undefined,
    (thrown) => thrown,
  )
}

const environment = { HOME: '/', TEST_SERVICES_A: '2' }
const rounds = repeats(20, 1_500)

test('a workflow with random edits is read, or refused with the place of each problem', async () => {
  const directory = writtenFiles({ 'workflow.yaml': workflow, 'c.yaml': config })
  const file = join(directory, 'workflow.yaml')
  const loaded = await loadWorkflowConfig([join(directory, 'c.yaml')], { directory, environment })
  const check = (): Promise<unknown> =>
    refusal(checkWorkflow({ file, config: loaded, scripts: testScripts, environment }))

  expect(await check()).toBeUndefined()
  for (let seed = 1; seed <= rounds; seed++) {
    const text = edited(workflow, seed)
    writeFileSync(file, text)
    const thrown = await check()
    if (thrown === undefined) continue
    expect(thrown, `seed ${seed}: ${text}`).toBeInstanceOf(ConfigError)
    for (const line of (thrown as Error).message.split('\n'))
      expect(line, `seed ${seed}: ${text}`).toMatch(/^\S+\.yaml:\d+:\d+: \S/)
  }
})

test('a config with random edits is a config, or refused', async () => {
  const directory = writtenFiles({ 'c.yaml': config })
  const file = join(directory, 'c.yaml')
  const load = (): Promise<unknown> => refusal(loadWorkflowConfig([file], { directory, environment }))

  expect(await load()).toBeUndefined()
  for (let seed = 1; seed <= rounds; seed++) {
    const text = edited(config, seed)
    writeFileSync(file, text)
    const thrown = await load()
    if (thrown !== undefined) expect(thrown, `seed ${seed}: ${text}`).toBeInstanceOf(ConfigError)
  }
})
