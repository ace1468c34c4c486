import { resolve } from 'node:path'
import { findConfig } from '../../config/find-config.ts'
import { describeDefault, type StackRequest } from '../../config/stack.ts'
import type { HolderQuery } from '../../helper/find-holder.ts'
import { projectPath } from '../../helper/holder-record.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { defaultPrefix, persistentVariable } from '../../service/instance/variables.ts'
import type { Display } from '../terminal/display.ts'
import { chosenPrefix, type GlobalOptions } from '../terminal/options.ts'

/** Returns the request for services in this directory, with these options. */
export function stackRequest(names: readonly string[], options: GlobalOptions): StackRequest {
  return { directory: process.cwd(), names, configFile: options.config, prefix: chosenPrefix(options) }
}

/** Reports which services are started if none is named and no config file is found. */
export function reportDefault({ directory, names = [], configFile }: StackRequest, { say }: Display): void {
  if (configFile !== undefined || names.length > 0 || findConfig(directory) !== undefined) return
  say(describeDefault(directory))
}

/** Returns the query for the running holder. The path of the config is enough; the config is not loaded. */
export function holderQuery(options: GlobalOptions): HolderQuery {
  const directory = process.cwd()
  const prefix = chosenPrefix(options)
  return {
    stateDirectory: stateDirectory(),
    project: projectPath(options.config ? resolve(options.config) : (findConfig(directory) ?? directory)),
    name: options.name,
    configFile: options.config,
    prefixes: prefix === undefined ? declaredPrefixes(process.env) : [prefix],
    environment: process.env,
  }
}

/**
 * Returns every prefix of variables that this shell has evaluated, because the prefix of the config is not known here.
 */
function declaredPrefixes(environment: NodeJS.ProcessEnv): string[] {
  const end = persistentVariable('')
  const declared = Object.keys(environment).flatMap((name) => (name.endsWith(end) ? name.slice(0, -end.length) : []))
  return [...new Set([...declared.filter(Boolean), defaultPrefix])]
}
