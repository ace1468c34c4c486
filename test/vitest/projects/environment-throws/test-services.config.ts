import { writeFileSync } from 'node:fs'
import { defineConfig } from 'test-services'
import { defineService, ExternalService, type SetUpContext } from 'test-services/fixture'

/** A service that makes a file when it is cleaned up. */
class TellsItsEnd extends ExternalService<object> {
  async onStart(context: SetUpContext): Promise<object> {
    context.addCleanUp(() => writeFileSync('ended', ''))
    return {}
  }

  configFromVariables(): object {
    return {}
  }

  async onCheck(): Promise<void> {}

  async onReset(): Promise<void> {}
}

const ends = defineService({ kind: 'ends', create: (options) => new TellsItsEnd(options) })

const environment = (): never => {
  throw new Error('no luck')
}

export default defineConfig({ services: { ends }, environment })
