import type { Transport } from '../../transport/transport.ts'

/** Names of processors, as in `uname -m`. */
const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' }

/** Returns the platform of the local host: `node20@x86_64`. */
export function ownPlatform(): string {
  const [major] = process.versions.node.split('.')
  return `node${major}@${processors[process.arch] ?? process.arch}`
}

const question = 'node --version 2>/dev/null || uname -s; uname -m'

/** Asks a machine for the platform. Without Node, the name of the system is used: `linux@x86_64`. */
export async function platformOf(transport: Transport, signal?: AbortSignal): Promise<string> {
  const output: Buffer[] = []
  const onStdout = (chunk: Uint8Array): void => void output.push(Buffer.from(chunk))
  await transport.run(['sh', '-c', question], { onStdout, signal })
  const [system = '', processor = ''] = Buffer.concat(output).toString().split('\n')
  const node = /^v(\d+)/.exec(system)?.[1]
  return `${node === undefined ? system.toLowerCase() : `node${node}`}@${processor}`
}
