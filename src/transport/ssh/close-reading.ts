import type { ClientChannel } from 'ssh2'

/** Message number of a request on a channel. @see RFC 4254, section 5.4 */
const channelRequest = 98
const request = 'eow@openssh.com'

/** The private parts of ssh2 used here; ssh2 has no types for these. */
interface Internals {
  readonly outgoing?: { readonly id: number; readonly state: string }
  readonly _client?: { readonly _protocol?: Protocol }
}

interface Protocol {
  readonly _packetRW?: { readonly write: PacketWriter }
  readonly _cipher?: { encrypt(packet: Buffer): void }
  /** Defined while keys are exchanged: packets have to wait. */
  readonly _kexinit?: Buffer
}

interface PacketWriter {
  readonly allocStart: number
  alloc(length: number): Buffer
  finalize(packet: Buffer): Buffer | undefined
}

/**
 * Tells sshd that the standard output of a channel has no reader any more: sshd closes the reading end, and the next
 * write of the command fails with EPIPE. Other servers ignore the message, and ssh2 has no function for the message.
 *
 * @see OpenSSH's PROTOCOL, section 2.1: "eow@openssh.com"
 */
export function closeReading(channel: ClientChannel): void {
  const { outgoing, _client: client } = channel as ClientChannel & Internals
  const { _packetRW: packets, _cipher: cipher, _kexinit: exchange } = client?._protocol ?? {}
  if (!packets || !cipher || exchange !== undefined || outgoing?.state !== 'open') return
  const { allocStart: start } = packets.write
  const packet = packets.write.alloc(1 + 4 + 4 + request.length + 1)
  packet[start] = channelRequest
  packet.writeUInt32BE(outgoing.id, start + 1)
  packet.writeUInt32BE(request.length, start + 5)
  packet.write(request, start + 9)
  // Wants no reply.
  packet[start + 9 + request.length] = 0
  const whole = packets.write.finalize(packet)
  if (whole) cipher.encrypt(whole)
}
