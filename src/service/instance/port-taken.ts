import { ownerOf } from '../../process/inspect/listener.ts'

/** Returns the message for a port on which another process listens, with its pid if this user can read it. */
export function describePortTaken(label: string, port: number): string {
  const owner = ownerOf(port)
  const by = owner === undefined ? '' : ` by process ${owner}`
  return `${label}: port ${port} is already in use${by}; stop the process that uses it, or choose another port`
}
