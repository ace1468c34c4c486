import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Journal, readJournal } from '../../src/run/journal.ts'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()

function createJournal(name: string): { path: string; journal: Journal } {
  mkdirSync(stateDirectory, { recursive: true })
  const path = join(stateDirectory, name)
  return { path, journal: new Journal(path) }
}

const first = { kind: 'claim', path: '/first' } as const
const second = { kind: 'directory', path: '/second' } as const

test('resources that are not gone are read back, in the order of their making', () => {
  const { path, journal } = createJournal('order')
  journal.intend(first)
  const gone = journal.intend({ kind: 'reclaim', module: 'file:///x', data: { a: [1] } })
  journal.intend(second)
  journal.end(gone)
  journal.close()
  expect(readJournal(path)).toEqual([first, second])
})

test('a grace without an end is read back as one', () => {
  const { path, journal } = createJournal('grace')
  const identity = { pid: 7, startTime: '1', bootId: 'b' }
  const ladder = [{ signal: 'SIGTERM', graceMs: Number.POSITIVE_INFINITY }] as const
  journal.intend({ kind: 'process', label: 'DB', identity, ladder })
  journal.close()
  expect(readJournal(path)).toEqual([{ kind: 'process', label: 'DB', identity, ladder }])
})

test('a torn last line is passed over, and does not damage what is appended after it', () => {
  const { path, journal } = createJournal('torn')
  journal.intend(first)
  appendFileSync(path, '{"id":7,"made":{"kind":"dire')
  expect(readJournal(path)).toEqual([first])
  journal.intend(second)
  journal.close()
  expect(readJournal(path)).toEqual([first, second])
})

test.each(['null', '5', '[]', '{}', '{"id":1}', '{"id":1,"made":{"kind":"process"}}', '{"id":1,"made":{"kind":"x"}}'])(
  'a line that makes no sense is passed over: %s',
  (line) => {
    const path = join(stateDirectory, 'nonsense')
    writeFileSync(path, `${line}\n${JSON.stringify({ id: 2, made: second })}\n`)
    expect(readJournal(path)).toEqual([second])
  },
)

test('a journal that is not there is empty', () => {
  expect(readJournal(join(stateDirectory, 'none'))).toEqual([])
})
