import { chmodSync, copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { command } from '../../src/index.ts'

/**
 * Starts a command on a port where a foreign server answers, `rounds` times, and prints a line of JSON for each: the
 * error, or `null` when the foreign server was taken for ours. The command is a shell that its user may execute but not
 * read; for an ordinary user `/proc/<pid>/fd` is unreadable as long as that shell runs. Its script finds a server, which
 * ignores its port, in "$@".
 */
const [directory = '', script = '', rounds = '1', ...server] = process.argv.slice(2)
const shell = join(directory, 'unreadable-sh')
copyFileSync('/bin/sh', shell)
chmodSync(shell, 0o111)

const foreign = createServer((_request, response) => response.end('foreign'))
await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
const { port } = foreign.address() as AddressInfo
const definition = command({ command: [shell, '-c', script, 'sh', ...server], port })
for (let round = 0; round < Number(rounds); round++) console.log(JSON.stringify(await failure()))
foreign.close()

async function failure(): Promise<{ code: string; message: string } | null> {
  await using service = definition.create({ label: 'SILENT' })
  return await service.setUp({ timeoutMs: 2_000 }).then(
    () => null,
    ({ code, message }: Error & { code: string }) => ({ code, message }),
  )
}
