import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RunSummary } from '../../src/results/result-sink.ts'
import { createResults } from '../../src/results/results-directory.ts'
import type { ReportedResult } from '../../src/results/rows.ts'
import { caught } from '../support/caught.ts'
import { repeats } from '../support/repeats.ts'
import { attempt, ended, rowsOf, useDirectory, useResults } from './new-results.ts'

const summary: RunSummary = {
  outcome: 'passed',
  passed: 1,
  failed: 0,
  infra: 0,
  notRun: 0,
  attempts: 1,
  durationMs: 5,
  reason: null,
  leftBehind: [],
}

test('results that count are those of the run, with their files by platform and test', async () => {
  const results = useResults()
  const begin = attempt('/smoke/login')
  const writer = await results.begin(begin)
  await writer.output(Buffer.from('first\n'))
  await writer.report({ status: 'pass', name: 'form', files: [{ name: 'shots/a.png', content: 'picture' }] })
  await writer.output(Buffer.from('second\n'))
  await writer.report({ status: 'fail', note: 'no answer', testout: 'output.txt' })
  await writer.end(ended(begin, 'failed'), true)
  expect(rowsOf(join(results.path, 'results.jsonl'))).toEqual([
    ['node20', 'pass', '/smoke/login', 'form', ['shots/a.png'], null],
    ['node20', 'fail', '/smoke/login', null, ['output.txt'], 'no answer'],
  ])
  expect(rowsOf(join(results.path, 'attempts.jsonl'))).toEqual([ended(begin, 'failed')])
  const files = join(results.path, 'files/node20/smoke/login')
  expect(readFileSync(join(files, 'form/shots/a.png'), 'utf8')).toBe('picture')
  expect(readFileSync(join(files, 'output.txt'), 'utf8')).toBe('first\nsecond\n')
  expect(readdirSync(join(results.path, 'attempts'))).toEqual([])
})

test('an attempt that does not count keeps output, results and files in its directory', async () => {
  const results = useResults()
  const begin = attempt('/smoke/login')
  const writer = await results.begin(begin)
  await writer.output(Buffer.from('it broke\n'))
  await writer.report({ status: 'fail', testout: 'output.txt', files: [{ name: 'a.txt', content: 'a' }] })
  await writer.end(ended(begin, 'failed', 'it failed'), false)
  const kept = join(results.path, 'attempts/+smoke+login#1')
  expect(readFileSync(join(kept, 'output.txt'), 'utf8')).toBe('it broke\n')
  expect(readFileSync(join(kept, 'files/a.txt'), 'utf8')).toBe('a')
  expect(rowsOf(join(kept, 'results.jsonl'))).toEqual([['node20', 'fail', '/smoke/login', null, ['a.txt'], null]])
  expect(rowsOf(join(results.path, 'results.jsonl'))).toEqual([])
  expect(existsSync(join(results.path, 'files'))).toBe(false)
})

test('a result is on the disk before its attempt ends', async () => {
  const results = useResults()
  const writer = await results.begin(attempt('/long'))
  await writer.report({ status: 'info', name: 'part' })
  const [directory = ''] = readdirSync(join(results.path, 'attempts'))
  const rows = rowsOf(join(results.path, 'attempts', directory, 'results.jsonl'))
  expect(rows).toEqual([['node20', 'info', '/long', 'part', [], null]])
})

test('files stored before their result are extended, and go with it', async () => {
  const results = useResults()
  const begin = attempt('/partial')
  const writer = await results.begin(begin)
  await writer.store({ name: 'log.txt', content: 'one ' }, 'part')
  await writer.store({ name: 'log.txt', content: 'two' }, 'part')
  await writer.report({ status: 'pass', name: 'part', files: ['log.txt'], other: { speed: 3 } })
  await writer.end(ended(begin), true)
  expect(readFileSync(join(results.path, 'files/node20/partial/part/log.txt'), 'utf8')).toBe('one two')
  expect(rowsOf(join(results.path, 'attempts/+partial#1/results.jsonl'))).toEqual([
    ['node20', 'pass', '/partial', 'part', ['log.txt'], null, { speed: 3 }],
  ])
  expect(await caught(writer.report({ status: 'pass', files: ['no.txt'] }))).toMatchObject({ code: 'ERR_RESULTS' })
})

const badNames = ['/etc/passwd', '../up', 'a/../../up', '', 'a//b', './a', 'a\0b']
test.each(badNames)('a file called %j is refused, and nothing is written', async (name) => {
  const results = useResults()
  const writer = await results.begin(attempt('/files'))
  const refused = await caught(writer.report({ status: 'pass', files: [{ name, content: 'x' }] }))
  expect(refused).toMatchObject({ code: 'ERR_RESULTS', message: expect.stringContaining('relative path') })
  expect(existsSync(join(results.path, 'attempts/+files#1/files'))).toBe(false)
})

/** Tests and subtests whose names make bad or equal paths. */
const oddNames = [
  ['..', '../../up'],
  ['/a/b', null],
  ['/a', 'b'],
  ['/a/b/x.txt', null],
  ['a:b "c" <d> | *?', 'line\nbreak'],
  ['ü'.repeat(300), 'é/'.repeat(3)],
  ['%2E', '~x'],
  ['', ''],
] as const

test('files of odd and colliding names are kept apart', async () => {
  const results = useResults()
  for (const [name, subtest] of oddNames) {
    const begin = attempt(name)
    const writer = await results.begin(begin)
    const reported = { status: 'pass', ...(subtest === null ? {} : { name: subtest }) }
    await writer.report({ ...reported, files: [{ name: 'x.txt', content: `${name} ${subtest}` }] })
    await writer.report({ ...reported, files: [{ name: 'x.txt', content: `again ${name} ${subtest}` }] })
    await writer.end(ended(begin), true)
  }
  const files = join(results.path, 'files')
  const found = readdirSync(files, { recursive: true, encoding: 'utf8' }).filter((path) => /x(~\d)*\.txt$/.test(path))
  const texts = found
    .filter((path) => statSync(join(files, path)).isFile())
    .map((path) => readFileSync(join(files, path), 'utf8'))
  const expected = oddNames.flatMap(([name, subtest]) => [`${name} ${subtest}`, `again ${name} ${subtest}`])
  expect(texts.sort()).toEqual(expected.sort())
  expect(readdirSync(results.path).sort()).toEqual([
    '.gitignore',
    'attempts',
    'attempts.jsonl',
    'files',
    'machines.jsonl',
    'results.jsonl',
    'run.json',
    'services.jsonl',
  ])
})

test('a file whose source breaks off is removed, and its result is not on record', async () => {
  const results = useResults()
  const writer = await results.begin(attempt('/half'))
  async function* half(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('the test died')
  }
  const failed = await caught(writer.report({ status: 'pass', files: [{ name: 'x', content: half() }] }))
  expect(failed.message).toBe('the test died')
  expect(existsSync(join(results.path, 'attempts/+half#1/files/x'))).toBe(false)
  expect(rowsOf(join(results.path, 'attempts/+half#1/results.jsonl'))).toEqual([])
})

test('a directory with a run is refused, and one with other files', async () => {
  const path = useDirectory()
  const results = useResults(join(path, 'run'))
  expect(() => createResults({ path: results.path })).toThrow(
    expect.objectContaining({
      code: 'ERR_RESULTS',
      message: expect.stringMatching(/has the results of a run already/),
    }),
  )
  expect(() => createResults({ path })).toThrow(/has other files, such as run; name an empty directory/)
})

test('one of several processes that make the same directory gets it', async () => {
  const path = join(useDirectory(), 'run')
  const source = `import { createResults } from ${JSON.stringify(join(import.meta.dirname, '../../src/results/results-directory.ts'))}
    try { createResults({ path: ${JSON.stringify(path)} }); console.log('made') } catch (e) { console.log(e.code) }`
  const file = join(useDirectory(), 'make.ts')
  writeFileSync(file, source)
  const commands = Array.from({ length: repeats(2, 4) }, () => `node --import tsx ${file} &`).join('\n')
  const printed = execFileSync('sh', ['-c', `${commands}\nwait`], { encoding: 'utf8' })
  const said = printed.trim().split('\n')
  expect([said.filter((word) => word === 'made').length, said.filter((word) => word === 'ERR_RESULTS').length]).toEqual(
    [1, said.length - 1],
  )
})

test('run.json has versions, config without secrets, and at the end the summary', async () => {
  const path = join(useDirectory(), 'run')
  const results = createResults({
    path,
    versions: { vitest: '4' },
    config: { machines: 'local=2', queue: 'redis://me:sesame@host', token: 'sesame' },
  })
  const read = (): unknown => JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))
  const config = { machines: 'local=2', queue: 'redis://me:********@host', token: '********' }
  const begun = {
    format: 1,
    versions: { node: process.versions.node, 'test-services': expect.any(String), vitest: '4' },
    config,
  }
  expect(read()).toMatchObject(begun)
  expect(read()).not.toHaveProperty('end')
  await results.machine({ machine: 'm', host: 'h', state: 'free', at: '2026-01-31T12:00:00.000Z', note: null })
  await results.finish(summary)
  await results.close()
  expect(read()).toMatchObject({ ...begun, end: expect.any(String), summary })
  expect(rowsOf(join(path, 'machines.jsonl'))).toMatchObject([{ machine: 'm', state: 'free' }])
})

test('an attempt of the same id is refused', async () => {
  const results = useResults()
  await results.begin(attempt('/twice'))
  expect(await caught(results.begin(attempt('/twice')))).toMatchObject({ code: 'ERR_RESULTS' })
})

test('attempts of similar names run side by side', async () => {
  const results = useResults()
  const names = ['a', '/a', '//a', '%2Fa', '+a', '%2Ba', 'a//b', 'a/%/b', 'a/+/b']
  for (const name of names) await results.begin(attempt(name))
  expect(readdirSync(join(results.path, 'attempts'))).toHaveLength(names.length)
})

test('a full disk is one clear error, and rows are written once there is room', async ({ skip }) => {
  const place = useDirectory()
  skip(!mountSmall(place), 'mounting a tmpfs needs root and the right to mount')
  onTestFinished(() => void execFileSync('/bin/umount', [place]))
  const results = createResults({ path: join(place, 'run') })
  const begin = attempt('/full')
  const writer = await results.begin(begin)
  await writer.report({ status: 'pass', name: 'early' })
  fill(join(place, 'ballast'))
  const late = (): ReportedResult => ({ status: 'pass', name: 'late', note: 'x'.repeat(8192) })
  const failed = await caught(writer.report(late()))
  expect(failed).toMatchObject({ code: 'ERR_RESULTS', cause: { code: 'ENOSPC' } })
  expect(failed.message).toMatch(/^the disk of the results in .*run is full: .*make room/)
  expect(await caught(writer.output(Buffer.alloc(8192)))).toMatchObject({ message: failed.message })
  expect(await caught(writer.end(ended(begin), true))).toMatchObject({ message: failed.message })
  expect(rowsOf(join(results.path, 'attempts/+full#1/results.jsonl'))).toHaveLength(1)
  rmSync(join(place, 'ballast'))
  await results.finish(summary)
  expect(rowsOf(join(results.path, 'attempts.jsonl'))).toHaveLength(1)
})

function mountSmall(place: string): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', place], { stdio: 'ignore' })
    return true
  } catch (thrown) {
    expect(thrown).toMatchObject({ status: expect.any(Number) })
    return false
  }
}

function fill(path: string): void {
  expect(() => writeFileSync(path, Buffer.alloc(1024 * 1024))).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
}

test('an output of 100 MB and a large file are written in bounded memory', async () => {
  const results = useResults()
  const begin = attempt('/large')
  const writer = await results.begin(begin)
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  const fileSize = repeats(100, 1_000)
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < fileSize; count++) yield chunk
  }
  const before = process.memoryUsage().rss
  let most = 0
  const look = (): void => {
    most = Math.max(most, process.memoryUsage().rss - before)
  }
  for (let count = 0; count < 100; count++) {
    await writer.output(chunk)
    look()
  }
  const small = Buffer.from('a short line\n')
  for (let count = 0; count < 50_000; count++) void writer.output(small)
  await writer.report({ status: 'pass', files: [{ name: 'core', content: large() }], testout: 'output.txt' })
  look()
  await writer.end(ended(begin), true)
  expect(most).toBeLessThan(150 * 1024 * 1024)
  const files = join(results.path, 'files/node20/large')
  expect(statSync(join(files, 'core')).size).toBe(fileSize * chunk.length)
  expect(statSync(join(files, 'output.txt')).size).toBe(100 * chunk.length + 50_000 * small.length)
})

test('10,000 results of one attempt stay quick', async () => {
  const results = useResults()
  const begin = attempt('/many')
  const writer = await results.begin(begin)
  for (let count = 0; count < 10_000; count++)
    await writer.report({
      status: 'pass',
      name: `case ${count}`,
      ...(count % 100 ? {} : { files: [{ name: 'a', content: 'a' }] }),
    })
  await writer.end(ended(begin), true)
  expect(rowsOf(join(results.path, 'results.jsonl'))).toHaveLength(10_000)
})
