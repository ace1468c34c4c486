import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimHolder, releaseClaim, tryClaim } from '../../src/host/claim.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { programArgv, startProgram } from '../support/program.ts'

const { stateDirectory } = useCleanState()

test('a name is one holder’s until that one releases it', () => {
  const path = join(stateDirectory, 'names/one')
  expect(claimHolder(path)).toBeUndefined()
  expect([tryClaim(path, 'first'), tryClaim(path, 'second'), claimHolder(path)]).toEqual([true, false, 'first'])
  releaseClaim(path, 'second')
  expect(claimHolder(path)).toBe('first')
  releaseClaim(path, 'first')
  releaseClaim(path, 'first')
  expect([claimHolder(path), tryClaim(path, 'second')]).toEqual([undefined, true])
})

test('four processes that claim 200 names get each name once', async () => {
  const names = join(stateDirectory, 'contended')
  mkdirSync(names)
  const programs = ['a', 'b', 'c', 'd'].map((holder) =>
    startProgram(programArgv('claims-a-name.ts', names, '200', holder)),
  )
  const won = await Promise.all(programs.map(async (program) => JSON.parse(await program.line()) as string[]))
  const all = won.flat()
  expect([all.length, new Set(all).size, readdirSync(names).length]).toEqual([200, 200, 200])
})
