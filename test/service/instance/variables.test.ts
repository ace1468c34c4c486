import { describe, expect, test } from 'vitest'
import { persistentLabels, serviceVariables } from '../../../src/service/instance/variables.ts'
import { camelCase, labelOf, upperSnake } from '../../../src/service/options/label.ts'

const files = { controlPid: 7, pidFile: '/i/service.pid', configFile: '/i/config.json', logFile: '/i/service.log' }

test('every scalar of the config is a variable, beside the files and the holder', () => {
  const config = {
    url: 'http://h',
    port: 80,
    isReady: true,
    dataDirectory: '/d',
    nested: { a: 1 },
    list: [1],
    no: null,
  }
  expect(serviceVariables('LP', 'DB', config, files)).toEqual({
    LP_DB_URL: 'http://h',
    LP_DB_PORT: '80',
    LP_DB_IS_READY: 'true',
    LP_DB_DATA_DIRECTORY: '/d',
    LP_DB_CONTROL_PID: '7',
    LP_DB_PIDFILE: '/i/service.pid',
    LP_DB_CONFIGFILE: '/i/config.json',
    LP_DB_LOGFILE: '/i/service.log',
  })
})

test('the prefix is the first part of every name', () => {
  const names = Object.keys(serviceVariables('MY_APP', 'DB', { url: 'u' }, files))
  expect(names.filter((name) => !name.startsWith('MY_APP_DB_'))).toEqual([])
})

test('the labels of what runs are told by commas, colons or spaces', () => {
  expect(persistentLabels({ LP_PERSISTENT_TEST_SERVICES: 'DB,API:CACHE QUEUE' })).toEqual([
    'DB',
    'API',
    'CACHE',
    'QUEUE',
  ])
  expect(persistentLabels({})).toBeUndefined()
})

describe('a name in the config', () => {
  test.each([
    ['db', 'DB'],
    ['mainDb', 'MAIN_DB'],
    ['main-db', 'MAIN_DB'],
    ['main_db', 'MAIN_DB'],
    ['s3', 'S3'],
  ])('%s has the label %s', (name, label) => {
    expect(labelOf(name)).toBe(label)
  })

  test.each(['3db', '', 'd b', 'dä', '-db', 'a.b'])('"%s" is refused', (name) => {
    expect(() => labelOf(name)).toThrow(`services.${name}: "${name}" cannot name a service`)
  })

  test.each(['dataDirectory', 'url', 'instanceId'])('the key %s comes back from its variable', (key) => {
    expect(camelCase(upperSnake(key))).toBe(key)
  })
})
