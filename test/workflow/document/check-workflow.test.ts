import { describe, expect, test } from 'vitest'
import { checked, problemsOf } from '../../support/checked-workflow.ts'
import { repeats } from '../../support/repeats.ts'
import { emptyConfig } from '../../support/workflow-ground.ts'

/** A workflow of one step with these lines. */
function stepWith(...lines: readonly string[]): string {
  return `steps:\n  - name: one\n${lines.map((line) => `    ${line}\n`).join('')}`
}

describe('a workflow', () => {
  test('has commands, scripts and their settings', async () => {
    const { doc, steps } = await checked(
      `doc: Builds
steps:
  - name: build
    transport: board
    timeout: 15m
    directory: /src
    environment: { JOBS: 4, VERSION: 1.10, FAST: true }
    run: |
      # twice
      make -j$JOBS

      make \\
        install
  - name: fetch_2
    uses: copy
    with: { from: a }
    timeout: 90
  - name: list
    run: [echo 'a', "b\\nc"]
`,
      { config: 'transports: { board: { type: ssh, host: board.lan } }' },
    )
    expect(doc).toBe('Builds')
    expect(steps).toEqual([
      {
        name: 'build',
        position: { line: 3, column: 5 },
        transport: 'board',
        timeoutMs: 900_000,
        directory: '/src',
        environment: { JOBS: '4', VERSION: '1.10', FAST: 'true' },
        run: ['make -j$JOBS', 'make \\\n  install'],
      },
      {
        name: 'fetch_2',
        position: { line: 14, column: 5 },
        uses: 'copy',
        with: { from: 'a', to: '/tmp' },
        timeoutMs: 90_000,
      },
      { name: 'list', position: { line: 18, column: 5 }, run: ["echo 'a'", 'b\nc'] },
    ])
  })

  test('may have a byte order mark, line ends in CR LF, anchors and merge keys', async () => {
    const text = `\ufeffsteps:
  - &first
    name: one
    environment: &variables { A: 1 }
    run: echo 1
  - <<: *first
    name: two
    environment: { <<: *variables, B: 2 }
`
    const { steps } = await checked(text.replaceAll('\n', '\r\n'))
    expect(steps[1]).toMatchObject({ name: 'two', environment: { A: '1', B: '2' }, run: ['echo 1'] })
  })

  test('may have a thousand steps', async () => {
    const count = repeats(200, 1_000)
    const steps = Array.from({ length: count }, (_, i) => `  - name: s${i}\n    run: echo {{ config.a }}\n`)
    const begin = performance.now()
    expect((await checked(`steps:\n${steps.join('')}`, { config: 'a: 1' })).steps).toHaveLength(count)
    expect(performance.now() - begin).toBeLessThan(5_000)
  })
})

describe('problems', () => {
  test('are all found in one go, in the order of the file', async () => {
    const text = `docs: Builds
steps:
  - name: Build
    rum: make
    run: make
  - name: copy
    uses: copi
  - name: copy
    uses: copy
    with: { from: 1, too: b, times: 0 }
    timeout: soon
    transport: bord
  - run: echo {{ config.bored }} {{ local.env.HOM }}
  - name: both
    run: a
    uses: nothing
`
    const around = { config: 'transports: { board: { type: local } }\nboard: 1', environment: { HOME: '/' } }
    expect(await problemsOf(text, around)).toEqual([
      '1:1: unknown key "docs" (did you mean "doc"?); expected one of doc, steps',
      '3:11: step "Build": name: expected lower-case letters, digits, "-" and "_", beginning with a letter',
      expect.stringMatching(
        /^4:5: step "Build": unknown key "rum" \(did you mean "run"\?\); expected one of name, run,/,
      ),
      '7:11: step "copy": there is no script "copi" (did you mean "copy"?); expected one of copy, nothing',
      '8:11: step "copy": the step in line 6 has this name too; rename one',
      '10:19: step "copy": with.from: expected string, but got 1',
      expect.stringMatching(/^10:22: step "copy": with\.too: unknown key \(did you mean "to"\?\)/),
      '10:37: step "copy": with.times: expected >=1, but got 0',
      '11:14: step "copy": timeout: expected a duration above 0 such as 90s, 15m or 1h 30m, or seconds as a number, but got "soon"',
      '12:16: step "copy": transport: there is no transport "bord" in the config (did you mean "board"?); expected one of board, initiator',
      '13:5: step 4: name: missing',
      '13:15: there is no value config.bored (did you mean config.board?) in ',
      '13:34: the variable HOM is not set (did you mean HOME?)',
      '16:5: step "both": has both run and uses; make two steps of it',
    ])
  })

  test.each([
    ['an empty file', '', /^1:1: the file is empty; a workflow has steps: steps: \[/],
    ['a file of comments', '# nothing\n', /the file is empty/],
    ['a list', '- a\n', /^1:1: expected a dictionary with steps, but got a list/],
    ['no steps', 'doc: a\n', /^1:1: steps: missing/],
    ['an empty list', 'steps: []\n', /^1:8: steps: there is none/],
    ['steps that are no list', 'steps: { a: b }\n', /^1:8: steps: expected a list of steps, but got a dictionary/],
    ['a step that is a text', 'steps:\n  - make\n', /^2:5: step 1: expected a dictionary/],
    [
      'a doc that is a number',
      'doc: 1\nsteps: [{ name: a, run: b }]\n',
      /^1:6: doc: expected a text, but got a number/,
    ],
    ['a name that is a number', 'steps: [{ name: 1, run: a }]', /name: expected .* but got the number 1/],
    ['a name of many letters', `steps: [{ name: ${'a'.repeat(101)}, run: a }]`, /at most 100 characters/],
    ['neither run nor uses', stepWith('timeout: 1'), /has neither run nor uses/],
    ['with without uses', stepWith('run: a', 'with: {}'), /^4:5: .*only a script \(uses\) has arguments/],
    ['a key of other programs', stepWith('command: a', 'run: a'), /unknown key "command" \(did you mean "run"\?\)/],
    ['a condition', stepWith('if: a', 'run: a'), /a workflow has no conditions/],
    [
      'a boolean command',
      stepWith('run: true'),
      /^3:10: step "one": run: expected a text or a list of texts, but got the boolean true; for a text, put it in quotes: "true"$/,
    ],
    ['a boolean in a list', stepWith('run: [a, true]'), /^3:14: .*put it in quotes: "true"/],
    ['nothing to run', stepWith('run: ""'), /run: there is no command/],
    ['run without a value', stepWith('run:'), /^3:9: .*expected a text or a list of texts, but got nothing/],
    ['only comments to run', stepWith('run: |', '  # a'), /run: there is no command/],
    ['a command that is a dictionary', stepWith('run:', '  - echo: a'), /a command with ": " in it must be in quotes/],
    [
      'a colon in a command',
      stepWith('run: echo a: b'),
      /^3:10: Nested mappings .* a text with ": " must be in quotes/,
    ],
    ['a command with NUL', stepWith('run: "a\\0b"'), /a command has no NUL/],
    ['an indentation by a tab', 'steps:\n\t- name: a\n', /^2:1: Tabs are not allowed as indentation; use spaces/],
    ['two documents', 'steps: []\n---\nsteps: []\n', /a file holds one document/],
    ['an unknown anchor', stepWith('run: *make'), /^3:10: there is no anchor &make .* must be in quotes/],
    ['an anchor in itself', 'steps: &a [*a]\n', /^1:\d+: \w/],
    ['a script that is a number', stepWith('uses: 1'), /expected the name of a script, but got the number 1/],
    [
      'arguments that are a list',
      stepWith('uses: nothing', 'with: [a]'),
      /with: expected a dictionary, but got a list/,
    ],
    ['arguments for a script without', stepWith('uses: nothing', 'with: { a: 1 }'), /^4:5: .*takes no arguments/],
    ['a missing argument', stepWith('uses: copy'), /^3:11: step "one": with\.from: missing/],
    [
      'a wrong element',
      stepWith('uses: copy', 'with:', '  from: a', '  names: [a, 1]'),
      /^6:18: .*with\.names\.1: expected string/,
    ],
    [
      'a transport in an argument',
      stepWith('uses: copy', 'with: { from: a, transport: b }'),
      /^4:33: .*with\.transport: there is no transport "b"/,
    ],
    [
      'an unknown service',
      stepWith('uses: copy', 'with:', '  from: a', '  services: [redis, redos]'),
      /^6:25: .*with\.services: unknown service "redos" \(did you mean "redis"\?\)/,
    ],
    [
      'one of its transports',
      stepWith('uses: copy', 'with: { from: a, transport: [initiator, initator] }'),
      /^4:45: .*\(did you mean "initiator"\?\)/,
    ],
    ['a timeout of nothing', stepWith('run: a', 'timeout: 0'), /^4:14: .*expected a duration above 0/],
    ['an endless timeout', stepWith('run: a', 'timeout: .inf'), /expected a duration above 0/],
    ['an empty transport', stepWith('run: a', 'transport: ""'), /transport: expected a text that is not empty/],
    [
      'a directory that is a number',
      stepWith('run: a', 'directory: 1'),
      /directory: expected a text, but got the number 1/,
    ],
    [
      'a list of variables',
      stepWith('run: a', 'environment: [A=1]'),
      /environment: expected a dictionary, but got a list/,
    ],
    [
      'a list in a variable',
      stepWith('run: a', 'environment: { A: [] }'),
      /^4:23: .*A: expected a text, but got a list/,
    ],
    [
      'a wrong name of a variable',
      stepWith('run: a', 'environment: { "A B": c }'),
      /^4:27: .*environment\.A B: is no name of a variable/,
    ],
    [
      'a merge key of a text',
      stepWith('run: a', 'environment: { <<: b }'),
      /^4:24: the merge key << takes dictionaries/,
    ],
    ['control characters', stepWith('run: a', '"a\\n\\e": b'), /unknown key "a\\n\\u001b"/],
    ['bytes that are no UTF-8', Buffer.from('steps:\n- name: \xff', 'latin1'), /^2:1: the line is not UTF-8/],
  ])('%s: one clear problem', async (_, text, problem) => {
    const [first, ...others] = await problemsOf(text)
    expect(first).toMatch(problem)
    expect(others).toEqual([])
  })
})

describe('a file that cannot be read', () => {
  test('is told as such', async () => {
    const { checkWorkflow } = await import('../../../src/workflow/document/check-workflow.ts')
    const request = { config: emptyConfig, scripts: { find: () => undefined, names: () => [] }, environment: {} }
    await expect(checkWorkflow({ ...request, file: '/tmp' })).rejects.toThrow('/tmp: is a directory; expected a file')
    await expect(checkWorkflow({ ...request, file: '/nowhere' })).rejects.toThrow('/nowhere: there is no such file')
  })
})
