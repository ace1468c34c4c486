import type { StopSignals } from '../../helper/stop-signals.ts'
import { missingPeer } from '../../host/modules/optional-peer.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import { allSettledOrThrow } from '../../kernel/settled.ts'
import { containerMachines } from '../../pool/machines/container-machines.ts'
import { localMachines } from '../../pool/machines/local-machines.ts'
import type { Provisioner } from '../../pool/machines/machine.ts'
import { sshMachines } from '../../pool/machines/ssh-machines.ts'
import type { WantedMachines } from './machines-option.ts'

/** Returns the provisioners of `--machines`. @throws ERR_MISSING_BINARY if a host needs the missing package ssh2 */
export function provisionersOf(wanted: readonly WantedMachines[]): Provisioner[] {
  return wanted.map(provisionerOf)
}

/** Gives all machines back. After a second signal, leaves the rest to the guardian. */
export async function closeAll(provisioners: readonly Provisioner[], { forceSignal }: StopSignals): Promise<void> {
  const forced = new Promise<void>((resolve) => onAbort(forceSignal, resolve))
  await Promise.race([allSettledOrThrow(provisioners.map((provisioner) => provisioner.close())), forced])
}

function provisionerOf(wanted: WantedMachines): Provisioner {
  switch (wanted.kind) {
    case 'local':
      return localMachines({ slots: wanted.slots })
    case 'container':
      return containerMachines({ image: wanted.image, slots: wanted.slots })
    case 'ssh': {
      const missing = missingPeer('ssh2')
      if (missing) throw missing
      const { kind: _, ...host } = wanted
      return sshMachines({ hosts: [host] })
    }
  }
}
