import { dirname, join } from 'node:path'
import { TestEngine } from '../../test/support/container-engine.ts'
import type { Figure, Peer } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { interleave } from '../rounds.ts'
import type { Subject } from '../subject.ts'

interface Round {
  readonly startMs: number
  readonly stopMs: number
}

const mostRounds = 15

/** A Redis to the first answer of a client. The other libraries are installed for the bench alone. */
export const others: Subject = { title: 'A Redis of its own, as other libraries start it', measure }

async function measure(ground: Ground, rounds: number): Promise<Figure[]> {
  await install(ground)
  await using engine = new TestEngine()
  await engine.start()
  engine.makeImage('localhost/redis:8', { programs: ['/usr/bin/redis-server'], files: ['/bin/sh'] })
  // The container that removes the containers of Testcontainers would have to be downloaded.
  const environment = { DOCKER_HOST: engine.url, TESTCONTAINERS_RYUK_DISABLED: 'true' }
  await using program = ground.start('others/redis.mjs', environment)
  const round = (way: string) => () => program.ask<Round>('round', way)
  const { ours, memoryServer, mock, oursFromImage, testcontainers } = await interleave(Math.min(rounds, mostRounds), {
    ours: round('ours'),
    memoryServer: round('memoryServer'),
    mock: round('mock'),
    oursFromImage: round('oursFromImage'),
    testcontainers: round('testcontainers'),
  })
  const peersOf = (key: keyof Round): Peer[] => [
    { what: 'redis-memory-server, the same program', samples: memoryServer[key] },
    { what: 'ioredis-mock, no server at all', samples: mock[key] },
  ]
  const fromImage = (key: keyof Round): Peer[] => [
    { what: 'Testcontainers on Podman, without Ryuk', samples: testcontainers[key] },
  ]
  return [
    { what: 'setUp', unit: 'ms', samples: ours.startMs, peers: peersOf('startMs') },
    { what: 'cleanUp', unit: 'ms', samples: ours.stopMs, peers: peersOf('stopMs') },
    { what: 'setUp from an image', unit: 'ms', samples: oursFromImage.startMs, peers: fromImage('startMs') },
    { what: 'cleanUp from an image', unit: 'ms', samples: oursFromImage.stopMs, peers: fromImage('stopMs') },
  ]
}

/** Installs packages without their scripts, some of which would download or compile a server. */
async function install(ground: Ground): Promise<void> {
  const npm = join(dirname(process.execPath), 'npm')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  await ground.time([npm, 'install', '--prefix', join(ground.directory, 'others'), ...options])
}
