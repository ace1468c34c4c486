import { expect, test } from 'vitest'
import { KeptConnection } from '../../src/service/kept-connection.ts'
import { caught } from '../support/caught.ts'

/** A connection that is closed by its server when told. */
class Line {
  readonly name: string
  isOpen = true

  constructor(name: string) {
    this.name = name
  }

  close(): void {
    this.isOpen = false
  }
}

interface Address {
  readonly name: string
}

function kept(): { connection: KeptConnection<Address, Line>; opened: Line[] } {
  const opened: Line[] = []
  const connection = new KeptConnection<Address, Line>('DB', async ({ name }) => {
    const line = new Line(`${name} ${opened.length}`)
    opened.push(line)
    return line
  })
  return { connection, opened }
}

const nameOf = async ({ name }: Line): Promise<string> => name

test('a connection is kept until it is closed, or another config is asked for', async () => {
  const { connection, opened } = kept()
  const [one, other] = [{ name: 'one' }, { name: 'other' }]
  expect([await connection.ask(one, nameOf), await connection.ask(one, nameOf)]).toEqual(['one 0', 'one 0'])
  opened[0]?.close()
  expect(await connection.ask(one, nameOf)).toBe('one 1')
  expect(await connection.ask(other, nameOf)).toBe('other 2')
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([false, false, true])
  connection.close()
  expect(opened[2]?.isOpen).toBe(false)
})

test('a question whose connection breaks is asked again; another error is thrown', async () => {
  const { connection } = kept()
  const config = { name: 'one' }
  await connection.ask(config, nameOf)
  const breaking = async (line: Line): Promise<string> => {
    if (line.name === 'one 1') return line.name
    line.close()
    throw new Error('the connection is closed')
  }
  expect(await connection.ask(config, breaking)).toBe('one 1')
  const refused = connection.ask(config, () => Promise.reject(new Error('no such user')))
  expect((await caught(refused)).message).toBe('no such user')
})

test('questions of the same moment get one connection, which stays open', async () => {
  const { connection, opened } = kept()
  const config = { name: 'one' }
  const slowly = async (line: Line): Promise<boolean> => {
    await new Promise(setImmediate)
    return line.isOpen
  }
  expect(await Promise.all([connection.ask(config, slowly), connection.ask(config, slowly)])).toEqual([true, true])
  expect(opened.map(({ isOpen }) => isOpen)).toEqual([true, false])
})
