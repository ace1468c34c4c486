import { describe, expect, test } from 'vitest'
import { type Cluster, type Costs, simulate } from '../../bench/simulation/simulate.ts'

const free: Costs = { takeMs: 0, finishMs: 0, renewMs: 0, poolMs: 0, resultsMs: 0, roundTripMs: 0 }
const cluster: Cluster = { hosts: 10, machinesPerHost: 2, tests: 2_000, meanMs: 100, renewEveryMs: 5_000 }

describe('the simulation of one queue', () => {
  test('machines are always busy if nothing else costs time', () => {
    const { busy, overBound } = simulate(cluster, free)

    expect(busy.machine).toBeGreaterThan(0.99)
    expect(overBound).toBeLessThan(1.01)
  })

  test('a server that needs longer than the machines sets the pace', () => {
    const { busy, testsPerSecond } = simulate(cluster, { ...free, takeMs: 6, finishMs: 4 })

    expect(busy.server).toBeGreaterThan(0.85) // the longest tests, at the beginning, leave it idle
    expect(testsPerSecond).toBeCloseTo(100 * busy.server, 0)
  })

  test('a host that needs longer than its machines sets the pace', () => {
    const { busy, testsPerSecond } = simulate(cluster, { ...free, poolMs: 50, resultsMs: 150 })

    expect(busy.host).toBeGreaterThan(0.85)
    expect(testsPerSecond).toBeCloseTo(50 * busy.host, 0)
  })
})
