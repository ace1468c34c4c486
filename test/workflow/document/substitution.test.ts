import { describe, expect, test } from 'vitest'
import type { CommandStep, ScriptStep } from '../../../src/workflow/document/workflow.ts'
import { checked, problemsOf, type Surroundings } from '../../support/checked-workflow.ts'

const around: Surroundings = {
  config: 'a: 1\nb: { c: two, list: [x, y], map: { from: z }, empty: }\nlines: "one\\ntwo"\n',
  environment: { HOME: '/home/me', TOKEN: 'abc123', TEST_SERVICES_B_C: 'three' },
}

async function commandsOf(run: string): Promise<readonly string[]> {
  const { steps } = await checked(`steps:\n  - name: one\n    run: ${run}\n`, around)
  return (steps[0] as CommandStep).run
}

async function argumentsOf(args: string): Promise<unknown> {
  const { steps } = await checked(`steps:\n  - name: one\n    uses: copy\n    with: ${args}\n`, around)
  return (steps[0] as ScriptStep).with
}

describe('a substitution', () => {
  test.each([
    ['echo {{ config.a }}{{config.b.c}}', ['echo 1three']],
    ['echo {{ local.env.HOME }}/x', ['echo /home/me/x']],
    [`docker inspect -f "{{ '{{' }}.State}}"`, ['docker inspect -f "{{.State}}"']],
    ['"{{ config.b.list }}"', ['x', 'y']],
    ['"{{ config.lines }}"', ['one', 'two']],
    ['echo {{ config.lines }}', ['echo one\ntwo']],
    ['|\n      # {{ config.unknown }}\n      echo {{ config.a }}', ['echo 1']],
    ['["echo {{ config.a }}"]', ['echo 1']],
  ])('in run: %s', async (run, commands) => {
    expect(await commandsOf(run)).toEqual(commands)
  })

  test('that is the whole value keeps its type', async () => {
    const args = '{ from: "{{ config.b.c }}", times: "{{ config.a }}", names: "{{ config.b.list }}" }'
    expect(await argumentsOf(args)).toEqual({ from: 'three', to: '/tmp', times: 1, names: ['x', 'y'] })
    expect(await argumentsOf('"{{ config.b.map }}"')).toEqual({ from: 'z', to: '/tmp' })
  })

  test('is made in every setting of a step', async () => {
    const text = `steps:
  - name: one
    run: a
    transport: "{{ config.where }}"
    timeout: "{{ config.limit }}"
    directory: "{{ local.env.HOME }}/src"
    environment: { A: "{{ config.limit }}", B: "b{{ config.where }}" }
`
    const { steps } = await checked(text, { ...around, config: 'where: initiator\nlimit: 2.5' })
    expect(steps[0]).toMatchObject({
      transport: 'initiator',
      timeoutMs: 2_500,
      directory: '/home/me/src',
      environment: { A: '2.5', B: 'binitiator' },
    })
  })

  test('knows the value of a secret variable as a secret', async () => {
    const { secrets } = await checked(
      'steps: [{ name: a, run: "echo {{ local.env.TOKEN }}{{ local.env.HOME }}" }]',
      around,
    )
    expect(secrets).toEqual(['abc123'])
  })
})

describe('a substitution is refused at its place', () => {
  test.each([
    ['run: echo {{ config.no.such.value }}', '3:15: there is no value config.no.such.value in '],
    ['run: echo {{ config.b.d }}', '3:15: there is no value config.b.d (did you mean config.b.c?) in '],
    [
      'run: echo {{ config.b.list }}',
      '3:15: config.b.list is a list; inside a text it must be a text, a number or a boolean',
    ],
    [
      'run: echo {{ config.b.empty }}',
      '3:15: config.b.empty is nothing; inside a text it must be a text, a number or a boolean',
    ],
    ['run: echo {{ config.a }} {{ config.no.such.value }}', '3:30: there is no value config.no.such.value in '],
    [
      'run: |\n      echo {{ config.a }}\n      echo {{ config.no.such.value }}',
      '5:12: there is no value config.no.such.value in ',
    ],
    ['run: {{ config.a }}', '3:10: a text that begins with {{ must be in quotes: "{{ … }}"'],
    ['run: "{{ config.a }}"', '3:10: step "one": run: expected a text or a list of texts, but got a number'],
    ['run: echo {{ config.constructor }}', '3:15: there is no value config.constructor in '],
    [
      'run: docker inspect -f "{{.State}}"',
      `3:29: {{.State}} is no substitution: expected {{ config.a.b }} or {{ local.env.NAME }}; write {{ '{{' }} for the braces themselves`,
    ],
    [
      'run: echo {{ config.a',
      `3:15: {{ without }}: expected {{ config.a.b }} or {{ local.env.NAME }}; write {{ '{{' }} for the braces themselves`,
    ],
    [
      'uses: copy\n    with:\n      from: "{{ config.no.such.value }}"',
      '5:14: there is no value config.no.such.value in ',
    ],
    ['run: a\n    transport: "{{ config.no.such.value }}"', '4:17: there is no value config.no.such.value in '],
    ['run: a\n    timeout: "{{ config.no.such.value }}"', '4:15: there is no value config.no.such.value in '],
  ])('%s', async (step, problem) => {
    expect(await problemsOf(`steps:\n  - name: one\n    ${step}\n`, around)).toEqual([problem])
  })

  test('once, for a text that an anchor shares', async () => {
    const text = 'steps:\n  - { name: a, run: &r "echo {{ config.no.such.value }}" }\n  - { name: b, run: *r }\n'
    expect(await problemsOf(text, around)).toEqual(['2:30: there is no value config.no.such.value in '])
  })
})
