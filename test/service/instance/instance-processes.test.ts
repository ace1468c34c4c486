import { expect, test } from 'vitest'
import { ProcessService, type ProcessStart, ready } from '../../../src/fixture.ts'
import { MissingBinaryError, optionalPeer } from '../../../src/fixture-internals.ts'
import { caught } from '../../support/caught.ts'
import { useCleanState } from '../../support/left-nothing.ts'

useCleanState()

type Given = Pick<ProcessStart<object>, 'argv' | 'before'>

class Server extends ProcessService<object> {
  readonly #given: Given

  constructor(given: Given) {
    super({ label: 'SERVER' })
    this.#given = given
  }

  protected async onStart(): Promise<ProcessStart<object>> {
    return { ...this.#given, install: 'apt-get install a-server', ladder: [], config: {}, readiness: ready.log('up') }
  }

  protected configFromVariables(): object {
    return {}
  }

  protected async onCheck(): Promise<void> {}

  protected async onReset(): Promise<void> {}
}

async function failure(given: Given): Promise<string> {
  return (await caught(new Server(given).setUp())).message
}

test('a missing program comes with what installs the server', async () => {
  expect(await failure({ argv: ['nosuch-program'] })).toMatch(
    /^SERVER cannot be started: cannot run "nosuch-program": .*: apt-get install a-server$/,
  )
})

test('a program missing in the preparation names the instance once', async () => {
  const before = async (): Promise<void> => {
    throw new MissingBinaryError('making the data of SERVER did not succeed: there is no a-tool')
  }
  expect(await failure({ argv: ['sleep', '600'], before })).toBe(
    'making the data of SERVER did not succeed: there is no a-tool',
  )
})

test('a client library missing in the preparation comes with its own advice alone', async () => {
  const before = (): Promise<void> => optionalPeer('nosuch-library', () => import(String('nosuch-library')))
  expect(await failure({ argv: ['sleep', '600'], before })).toBe(
    'SERVER cannot be started: the client library nosuch-library is not installed: npm install --save-dev nosuch-library',
  )
})
