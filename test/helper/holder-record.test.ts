import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { findHelper, findHolder, requireHolder } from '../../src/helper/find-holder.ts'
import {
  type HolderRecord,
  holderClaim,
  listHelpers,
  listHolders,
  projectPath,
  writeHolderRecord,
} from '../../src/helper/holder-record.ts'
import { acquireRun, releaseRun } from '../../src/run/own-run.ts'
import type { Run } from '../../src/run/run.ts'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()
let run: Run

beforeEach(async () => {
  run = await acquireRun()
  return () => releaseRun(run)
})

function record(changes: Partial<HolderRecord> = {}): HolderRecord {
  return {
    kind: 'helper',
    origin: { offered: ['db'], prefix: 'LP', files: { patterns: [], directory: '/project' } },
    project: '/project',
    name: 'default',
    prefix: 'LP',
    state: 'ready',
    startedAt: new Date().toISOString(),
    controlSocket: '/nowhere',
    variables: { LP_DB_URL: 'x' },
    services: [],
    starting: [],
    ...changes,
  }
}

const here = { stateDirectory, project: '/project', prefixes: ['LP'], environment: {} }

test('a record is found by project and name, and read by its user alone', () => {
  writeHolderRecord(run.directory, record())
  expect(findHolder(here)).toMatchObject({ identity: { pid: process.pid }, variables: { LP_DB_URL: 'x' } })
  expect(findHolder({ ...here, name: 'other' })).toBeUndefined()
  expect(findHolder({ ...here, project: '/elsewhere' })).toBeUndefined()
  expect(statSync(join(run.directory, 'holder.json')).mode & 0o777).toBe(0o600)
})

test('the variables of a shell name a holder of any project, unless a name is given', () => {
  writeHolderRecord(run.directory, record({ name: 'mine' }))
  const file = join(run.directory, 'db/config.json')
  const environment = { LP_PERSISTENT_TEST_SERVICES: 'DB', LP_DB_CONFIGFILE: file }
  expect(findHolder({ ...here, project: '/elsewhere', environment })?.name).toBe('mine')
  expect(findHolder({ ...here, project: '/elsewhere', environment, name: 'other' })).toBeUndefined()
  expect(findHolder({ ...here, project: '/elsewhere', environment: { LP_DB_CONFIGFILE: file } })).toBeUndefined()
})

test('the pid in a variable names no holder: another one may have it now', () => {
  writeHolderRecord(run.directory, record({ name: 'mine' }))
  const environment = {
    LP_PERSISTENT_TEST_SERVICES: 'DB',
    LP_DB_CONTROL_PID: String(process.pid),
    LP_DB_CONFIGFILE: join(stateDirectory, 'runs/gone/db/config.json'),
  }
  expect(findHolder({ ...here, project: '/elsewhere', environment })).toBeUndefined()
  const beside = { ...environment, LP_DB_CONFIGFILE: `${run.directory}x/db/config.json` }
  expect(findHolder({ ...here, project: '/elsewhere', environment: beside })).toBeUndefined()
})

test('the variables of any of the prefixes count, those of others do not', () => {
  writeHolderRecord(run.directory, record({ name: 'mine', prefix: 'XY' }))
  const environment = { XY_PERSISTENT_TEST_SERVICES: 'DB', XY_DB_CONFIGFILE: join(run.directory, 'db/config.json') }
  const there = { ...here, project: '/elsewhere', environment }
  expect(findHolder({ ...there, prefixes: ['XY', 'LP'] })?.name).toBe('mine')
  expect(findHolder(there)).toBeUndefined()
})

test('services of an exec are found by its variables alone, and are no helper', () => {
  writeHolderRecord(run.directory, record({ kind: 'exec', name: 'exec-1' }))
  const environment = { LP_PERSISTENT_TEST_SERVICES: 'DB', LP_DB_CONFIGFILE: join(run.directory, 'db/config.json') }
  expect(findHolder({ ...here, environment })?.name).toBe('exec-1')
  expect(findHelper({ ...here, environment })).toBeUndefined()
  expect(findHolder(here)).toBeUndefined()
  expect(listHelpers(stateDirectory)).toEqual([])
})

test('a project is the same whichever directories lead to it', () => {
  const real = join(stateDirectory, 'real')
  mkdirSync(real)
  symlinkSync(real, join(stateDirectory, 'link'))
  expect(projectPath(join(stateDirectory, 'link/x.ts'))).toBe(projectPath(join(real, 'x.ts')))
  expect(projectPath('/nosuch/x.ts')).toBe('/nosuch/x.ts')
})

test('where none is found, those elsewhere are named', () => {
  writeHolderRecord(run.directory, record())
  expect(() => requireHolder({ ...here, project: '/elsewhere' })).toThrow(/default of \/project$/)
})

test('a record that makes no sense is passed over', () => {
  writeFileSync(join(run.directory, 'holder.json'), '{"project": "/pro')
  expect(listHolders(stateDirectory)).toEqual([])
})

test('a run whose holder is dead is passed over', () => {
  const dead = join(stateDirectory, 'runs', 'dead')
  mkdirSync(dead, { recursive: true })
  writeHolderRecord(dead, record())
  writeFileSync(join(dead, 'run.json'), 'torn')
  expect(listHolders(stateDirectory)).toEqual([])
})

test('the claim is the same for the same project and name only', () => {
  expect(holderClaim('/a', 'x')).toBe(holderClaim('/a', 'x'))
  expect(new Set([holderClaim('/a', 'x'), holderClaim('/a', 'y'), holderClaim('/ax', '')]).size).toBe(3)
})
