import { expect, test } from 'vitest'
import { joinedWith } from '../../src/session/declared-variables.ts'
import { withdrawnFrom } from '../../src/session/withdrawn-variables.ts'

const api = {
  LP_API_URL: 'http://api',
  DATABASE_URL: 'of-api',
  LP_PERSISTENT_TEST_SERVICES: 'API',
  LP_ENVIRONMENT_NAMES: 'DATABASE_URL',
  LP_URLS: '{"api":"http://api"}',
}
const db = {
  LP_DB_URL: 'postgresql://db',
  PGHOST: 'db',
  LP_PERSISTENT_TEST_SERVICES: 'DB',
  LP_ENVIRONMENT_NAMES: 'PGHOST',
  LP_URLS: '{"db":"postgresql://db"}',
}
const both = { ...api, ...joinedWith(api, db) }
const none = () => false
const ofApi = (name: string): boolean => both[name as keyof typeof both] === api[name as keyof typeof api]

test('the lists name earlier declarations first, and present ones last', () => {
  expect(joinedWith(api, db)).toEqual({
    ...db,
    LP_PERSISTENT_TEST_SERVICES: 'API,DB',
    LP_ENVIRONMENT_NAMES: 'DATABASE_URL,PGHOST',
    LP_URLS: '{"api":"http://api","db":"postgresql://db"}',
  })
  expect(joinedWith({ ...db, LP_PERSISTENT_TEST_SERVICES: 'DB:API' }, db).LP_PERSISTENT_TEST_SERVICES).toBe('API,DB')
  expect(joinedWith({ LP_PERSISTENT_TEST_SERVICES: '', LP_URLS: 'odd' }, db)).toEqual(db)
})

test('a holder takes its own part out, and leaves what others declare', () => {
  expect(withdrawnFrom(both, { prefix: 'LP', own: db, isOthers: ofApi })).toEqual({
    LP_DB_URL: null,
    PGHOST: null,
    LP_PERSISTENT_TEST_SERVICES: 'API',
    LP_ENVIRONMENT_NAMES: 'DATABASE_URL',
    LP_URLS: '{"api":"http://api"}',
  })
})

test('variables that another holder has set since, under the same names, stay', () => {
  const second = { ...db, LP_DB_URL: 'postgresql://second' }
  const isOthers = (name: string): boolean => second[name as keyof typeof second] !== undefined
  expect(withdrawnFrom({ ...db, ...second }, { prefix: 'LP', own: db, isOthers })).toEqual({})
})

test('without a holder everything goes that nobody declares, the plain names too', () => {
  const all = Object.fromEntries(Object.keys(both).map((name) => [name, null]))
  expect(withdrawnFrom(both, { prefix: 'LP', isOthers: none })).toEqual(all)
  expect(withdrawnFrom({}, { prefix: 'LP', isOthers: none })).toEqual({})
})

test('a shell that never had the variables is told to unset them', () => {
  const all = Object.fromEntries(Object.keys(db).map((name) => [name, null]))
  expect(withdrawnFrom({}, { prefix: 'LP', own: db, isOthers: none })).toEqual(all)
})

test('a service whose name begins like that of another keeps its variables', () => {
  const environment = { LP_DB_URL: 'a', LP_DB_MAIN_URL: 'b', LP_PERSISTENT_TEST_SERVICES: 'DB,DB_MAIN' }
  const own = { LP_DB_URL: 'a', LP_PERSISTENT_TEST_SERVICES: 'DB' }
  expect(withdrawnFrom(environment, { prefix: 'LP', own, isOthers: none })).toEqual({
    LP_DB_URL: null,
    LP_PERSISTENT_TEST_SERVICES: 'DB_MAIN',
  })
})

test('a service of a dead holder goes, where a living holder has the same values too', () => {
  // Linux has no pid above 2^22.
  const dead = { LP_DB_URL: 'a', LP_DB_HOST: 'b', LP_DB_CONTROL_PID: `${2 ** 22 + 1}` }
  const environment = { ...api, ...joinedWith(api, { ...dead, LP_PERSISTENT_TEST_SERVICES: 'DB' }) }
  const isOthers = (name: string): boolean => name === 'LP_DB_HOST'
  expect(withdrawnFrom(environment, { prefix: 'LP', own: api, isOthers })).toMatchObject({
    LP_DB_URL: null,
    LP_DB_HOST: null,
    LP_PERSISTENT_TEST_SERVICES: null,
  })
})
