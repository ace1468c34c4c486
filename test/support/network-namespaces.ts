import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { randomName } from '../../src/host/secret.ts'

/** A host of its own, as far as the network goes. */
interface NetworkHost {
  readonly address: string
  /** Returns the command line that runs a command on this host. */
  argv(...command: readonly string[]): string[]
  /** Takes the host off the network, in both directions; nothing is told. */
  cut(): void
  restore(): void
}

export interface NetworkHosts {
  /** Address of this process for the hosts. */
  readonly gateway: string
  readonly hosts: readonly NetworkHost[]
}

/** Only root can make network namespaces. */
export const isRoot = process.getuid?.() === 0

function ip(...args: readonly string[]): string {
  return execFileSync('/usr/sbin/ip', args, { encoding: 'utf8', stdio: 'pipe' })
}

/** Makes hosts on one bridge, for the tests of a file, and removes them at its end. Only root can. */
export function useNetworkHosts(count: number): NetworkHosts {
  const id = randomName(6)
  const subnet = `10.213.${randomInt(1, 255)}`
  const bridge = `tsb${id}`
  const hosts = Array.from({ length: count }, (_, index) =>
    hostOf(`ts-${id}-${index}`, `tsv${id}${index}`, `${subnet}.${index + 2}`),
  )
  if (!isRoot) return { gateway: `${subnet}.1`, hosts }
  beforeAll(() => {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${subnet}.1/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    for (const { name, outside, address } of hosts) connectHost(name, { outside, bridge, address: `${address}/24` })
  })
  afterAll(() => {
    for (const { name } of hosts) tolerate(() => ip('netns', 'del', name))
    tolerate(() => ip('link', 'del', bridge))
  })
  return { gateway: `${subnet}.1`, hosts }
}

function hostOf(name: string, outside: string, address: string) {
  return {
    name,
    outside,
    address,
    argv: (...command: readonly string[]) => ['/usr/sbin/ip', 'netns', 'exec', name, ...command],
    cut: () => void ip('link', 'set', outside, 'down'),
    restore: () => void ip('link', 'set', outside, 'up'),
  }
}

function connectHost(
  name: string,
  { outside, bridge, address }: { readonly outside: string; readonly bridge: string; readonly address: string },
): void {
  ip('netns', 'add', name)
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('link', 'set', outside, 'master', bridge, 'up')
  for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up')
  ip('-n', name, 'addr', 'add', address, 'dev', 'eth0')
}

/** What was not made cannot be removed. */
function tolerate(remove: () => void): void {
  try {
    remove()
  } catch {
    // A test that failed halfway has made less.
  }
}
