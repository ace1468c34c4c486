import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tarArchive } from '../../src/transport/tar-archive.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ts-tar-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Unpacks an archive with a `tar`, and returns what `diff` finds; `diff` compares targets of links, too. */
async function differences(tar: readonly string[], from: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of tarArchive(from, '.')) chunks.push(Buffer.from(chunk))
  const to = mkdtempSync(join(directory, 'unpacked-'))
  const [program = '', ...args] = tar
  execFileSync(program, [...args, '-xpof', '-', '-C', to], { input: Buffer.concat(chunks) })
  return execFileSync('/usr/bin/diff', ['-r', '--no-dereference', from, to], { encoding: 'utf8' })
}

test('GNU tar and busybox unpack what was packed', async () => {
  const from = join(directory, 'tree')
  const deep = join(from, 'd'.repeat(90), 'e'.repeat(90))
  mkdirSync(deep, { recursive: true })
  for (const bytes of [0, 1, 511, 512, 513, 1_048_576, 3_000_000])
    writeFileSync(join(deep, `${bytes}`), Buffer.alloc(bytes, 'x'))
  writeFileSync(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0xff, 0xfe, 0x0a])]), 'a name that is not UTF-8')
  symlinkSync('t'.repeat(200), join(from, 'long link'))
  expect([await differences(['tar'], from), await differences(['busybox', 'tar'], from)]).toEqual(['', ''])
})

test('a socket is left out', async () => {
  const from = join(directory, 'sockets')
  mkdirSync(from)
  const server = createServer().listen(join(from, 'socket'))
  await once(server, 'listening')
  writeFileSync(join(from, 'file'), '')
  const chunks: Buffer[] = []
  for await (const chunk of tarArchive(from, '.')) chunks.push(Buffer.from(chunk))
  server.close()
  const names = execFileSync('tar', ['-tf', '-'], { input: Buffer.concat(chunks), encoding: 'utf8' })
  expect([names, readdirSync(from)]).toEqual(['./\n./file\n', ['file']])
})
