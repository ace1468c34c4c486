import { expect, test } from 'vitest'
import { useCleanState } from '../../support/left-nothing.ts'
import { startProcess, useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, write, command, directory } = useUserProject('')
const commands = (name: string, ...lines: string[]): string[] => ['--commands', write(name, `${lines.join('\n')}\n`)]
const alone = ['--services', 'none', '--output']

test('a test whose packages are missing here is not run, and is tried once', async () => {
  write('tree/.fmf/version', '1\n')
  write('tree/a.fmf', 'test: "true"\nrequire: no-such-package\n')
  const { code, stderr } = await run(['pool', 'run', '--fmf', 'tree', ...alone, 'lacking-results'])
  expect(code).toBe(4)
  expect(stderr.match(/this host lacks required packages: no-such-package\. .*--install/g)).toHaveLength(1)
})

test('a file in place of the results directory is refused', async () => {
  const { code, stderr } = await run(['pool', 'run', ...commands('one', 'true'), ...alone, 'package.json'])
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: --output: .*package\.json cannot take the results: it is a file/),
  })
})

test('a disk that is full at the start ends a run by 4, whatever --output says', async () => {
  const mounted = 'mkdir full && mount -t tmpfs -o size=4k,mode=700 tmpfs full && exec "$@"'
  const inNamespace = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mounted, 'sh']
  const poolRun = [process.execPath, command, 'pool', 'run', ...commands('unstored', 'true'), ...alone, 'full']
  const { code, stderr } = await startProcess([...inNamespace, ...poolRun], { cwd: directory }).ended
  expect(stderr).toMatch(/^error: the disk of the results in .*full is full: .*make room there.*\n$/)
  expect(code).toBe(4)
})

test('report shows the newest run of each test, and names the others', async () => {
  const given = commands('again', 'test -e passes')
  await run(['pool', 'run', ...given, '--services', 'none'])
  write('passes', '')
  await run(['pool', 'run', ...given, '--services', 'none'])
  const { stdout, stderr } = await run(['report'])
  expect(stdout).toMatch(/^1 test, which passed\n/)
  expect(stderr).toMatch(/^left out, as a later run has the same tests: pool-results\/[^,\n]+\n$/)
})

test('a quiet run says which tests failed, and nothing if none did', async () => {
  const quiet = [...alone.slice(0, 2), '--quiet']
  const passing = await run(['pool', 'run', ...commands('passing', 'true'), ...quiet])
  expect(passing).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const { code, stderr } = await run(['pool', 'run', ...commands('failing', 'true', 'false'), ...quiet])
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^✖ false failed .*\n {2}exit status 1\n/),
  })
})

test('pool list leaves out what would not run, and says if that is all', async () => {
  write('lists/.fmf/version', '1\n')
  write('lists/main.fmf', '/on: { test: "true" }\n/off: { test: "true", enabled: false }\n')
  expect(await run(['pool', 'list', '--fmf', 'lists'])).toMatchObject({ code: 0, stdout: '/on\n' })
  expect(await run(['pool', 'list', '--fmf', 'lists', '--filter', 'tag: a'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the FMF tree of lists has no test to run for --filter "tag: a"'),
  })
})

test.each(['list', 'run'])('pool %s refuses a filter without a colon in one error', async (command) => {
  write('lists/.fmf/version', '1\n')
  write('lists/main.fmf', '/on: { test: "true" }\n')
  const { code, stderr } = await run(['pool', command, '--fmf', 'lists', '--filter', 'tag smoke'])
  const expected = 'error: filter "tag smoke": "tag smoke": expected ATTRIBUTE: VALUE, such as tag: Tier1\n'
  expect({ code, stderr }).toEqual({ code: 2, stderr: expected })
})
