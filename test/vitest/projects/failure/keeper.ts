/** A fixture that keeps something of a failed test. */
import type { ServiceDefinition } from 'test-services'
import { defineService, ExternalService } from 'test-services/fixture'

interface KeeperConfig {
  readonly url: string
}

class Keeper extends ExternalService<KeeperConfig> {
  async onStart(): Promise<KeeperConfig> {
    return { url: 'keeper:' }
  }

  configFromVariables(): KeeperConfig {
    return { url: 'keeper:' }
  }

  async onCheck(): Promise<void> {}

  async onReset(): Promise<void> {}

  override async keepFailure(test: string): Promise<string> {
    if (test.endsWith('unkept')) throw new Error('there is no room')
    return `kept of ${test} for a day`
  }
}

export const keeper = (): ServiceDefinition<KeeperConfig> =>
  defineService({ kind: 'keeper', create: (init) => new Keeper(init) })
