import { importModule } from '../host/modules/import-module.ts'
import { asError } from '../kernel/errors.ts'
import { definitionIn } from './definition-in.ts'
import type { HolderRequest } from './held-instance.ts'

/**
 * Program of a holder of a service for the contract: sets the service up, reports in a line of JSON, and cleans up when
 * standard input ends.
 */
const request: HolderRequest = JSON.parse(process.argv[2] ?? '{}')
try {
  const { label, directory, useExisting, timeoutMs } = request
  const service = definitionIn(await importModule(request.url), request).create({ label, directory })
  await service.setUp({ useExisting, timeoutMs })
  await service.check()
  process.stdin.resume().once('end', async () => {
    await service.cleanUp().catch(fail)
    process.exit()
  })
  const { pid, variables } = service
  console.log(JSON.stringify({ pid, variables }))
} catch (thrown) {
  fail(thrown)
}

function fail(thrown: unknown): never {
  console.error(asError(thrown).stack)
  process.exit(1)
}
