import { beforeAll } from 'vitest'
import type { TransportOptions } from '../../src/config/transport-options.ts'
import { machineImage, type TestEngine, useTestEngine } from './container-engine.ts'
import { type SshServer, useSshServer } from './ssh-server.ts'

/** Asks the service `redis` of a workflow; for `sh -c`. */
export const askRedis =
  'printf "AUTH %s\\r\\nPING\\r\\nQUIT\\r\\n" $LP_REDIS_PASSWORD | busybox nc 127.0.0.1 $LP_REDIS_PORT'
/** Answer to `askRedis`. */
export const redisAnswer = '+OK\r\n+PONG\r\n+OK\r\n'

/** Where the commands of a workflow can run. */
export const machineKinds = ['local', 'ssh', 'new container', 'running container'] as const
export type MachineKind = (typeof machineKinds)[number]

export interface WorkflowMachines {
  readonly engine: TestEngine
  /** The image of new containers. */
  readonly image: string
  /** Name of the running container. */
  readonly container: string
  readonly server: () => SshServer
  /** Returns the transport of a config. */
  optionsOf(kind: MachineKind): TransportOptions
}

/** Provides one machine of each kind for the tests of a file: an sshd, and an engine with an image and a container. */
export function useWorkflowMachines(): WorkflowMachines {
  const [image, container] = ['localhost/machine:1', 'machine']
  const engine = useTestEngine({ [image]: machineImage })
  beforeAll(() => engine.startContainer(container, image))
  const server = useSshServer()
  const optionsOf = (kind: MachineKind): TransportOptions => {
    if (kind === 'local') return { type: 'local' }
    if (kind === 'ssh') return { type: 'ssh', ...server().options }
    return kind === 'new container' ? { type: 'container', image } : { type: 'container', name: container }
  }
  return { engine, image, container, server, optionsOf }
}
