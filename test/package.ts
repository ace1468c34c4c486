import type { TestProject } from 'vitest/node'
import { createInstallation } from './support/installation.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory whose `node_modules` holds the package as `npm install` lays it out: make user projects below it. */
    installation: string
    /** The command in it, to be run with `process.execPath`. */
    installedCommand: string
  }
}

/** Installs the package once for all projects; gives the removal. */
export default async function install(project: TestProject): Promise<() => Promise<void>> {
  const installation = await createInstallation()
  project.provide('installation', installation.directory)
  project.provide('installedCommand', installation.command)
  return async () => installation[Symbol.asyncDispose]()
}
