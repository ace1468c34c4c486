import { resolve } from 'node:path'
import { findConfig } from '../config/find-config.ts'
import type { StackRequest } from '../config/stack.ts'
import type { HolderQuery } from '../helper/find-holder.ts'
import { stateDirectory } from '../host/state-directory.ts'
import { defaultPrefix } from '../service/variables.ts'
import { chosenPrefix, type GlobalOptions } from './options.ts'

/** What is asked for here, in this directory, with these options. */
export function stackRequest(names: readonly string[], options: GlobalOptions): StackRequest {
  return { directory: process.cwd(), names, configFile: options.config, prefix: chosenPrefix(options) }
}

/** The running holder that is meant here. The config is not loaded for it: its path is enough. */
export function holderQuery(options: GlobalOptions): HolderQuery {
  const directory = process.cwd()
  return {
    stateDirectory: stateDirectory(),
    project: options.config ? resolve(options.config) : (findConfig(directory) ?? directory),
    name: options.name,
    prefix: chosenPrefix(options) ?? defaultPrefix,
    environment: process.env,
  }
}
