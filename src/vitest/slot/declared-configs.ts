import type { Config } from '../../config/define-config.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { readDeclared } from '../../service/instance/existing.ts'
import { persistentLabels } from '../../service/instance/variables.ts'
import { labelOf } from '../../service/options/label.ts'

/**
 * Returns the configs of the services that an environment declares as running, by service name. Leaves out dead
 * services.
 */
export function declaredConfigs(
  { services }: Config,
  prefix: string,
  environment: NodeJS.ProcessEnv,
): Record<string, object> {
  const labels = persistentLabels(environment, prefix) ?? []
  const names = Object.keys(services).filter((name) => labels.includes(labelOf(name)))
  return Object.fromEntries(
    names.flatMap((name) => {
      const config = readConfig(labelOf(name), prefix, environment)
      return config ? [[name, config]] : []
    }),
  )
}

function readConfig(label: string, prefix: string, environment: NodeJS.ProcessEnv): object | undefined {
  const declared = valueUnless(['ERR_ATTACH'], () => readDeclared({ label, prefix, environment }))
  return declared?.config ?? declared?.scalars
}
