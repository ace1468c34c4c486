import { createResults } from '../../src/results/results-directory.ts'

/** Writes attempts with 20 results and their files, one after the other, until it is killed. Argument: the directory. */
const results = createResults({ path: process.argv[2] ?? '' })

for (let count = 0; ; count++) {
  const test = `/test-${count}`
  const times = { begin: new Date().toISOString(), end: new Date().toISOString() }
  const begin = { id: `${test}#1`, test, number: 1, platform: 'here', machine: 'local-1', host: 'here', ...times }
  const attempt = await results.begin(begin)
  for (let part = 0; part < 20; part++) {
    const name = `part-${part}`
    await attempt.output(Buffer.from(`${name}\n`))
    await attempt.report({ status: 'pass', name, files: [{ name: 'log.txt', content: name }] })
  }
  await attempt.report({ status: 'pass', testout: 'output.txt' })
  await attempt.end({ ...begin, exitCode: 0, signal: null, state: 'passed', rerun: null, note: null }, true)
  if (count === 3) process.stdout.write('begun\n')
}
