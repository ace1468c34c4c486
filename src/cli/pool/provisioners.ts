import { containerMachines } from '../../pool/machines/container-machines.ts'
import { localMachines } from '../../pool/machines/local-machines.ts'
import type { Provisioner } from '../../pool/machines/machine.ts'
import { sshMachines } from '../../pool/machines/ssh-machines.ts'
import type { WantedMachines } from './machines-option.ts'

/** Returns the provisioners of `--machines`. @throws ERR_MISSING_BINARY without the package ssh2, if a host needs it */
export function provisionersOf(wanted: readonly WantedMachines[]): Provisioner[] {
  return wanted.map(provisionerOf)
}

function provisionerOf(wanted: WantedMachines): Provisioner {
  switch (wanted.kind) {
    case 'local':
      return localMachines({ slots: wanted.slots })
    case 'container':
      return containerMachines({ image: wanted.image, slots: wanted.slots })
    case 'ssh': {
      const { kind: _, ...host } = wanted
      return sshMachines({ hosts: [host] })
    }
  }
}
