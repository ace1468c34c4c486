import type { TestProject } from 'vitest/node'
import { pluginName, type TestServicesPlugin } from './plugin/plugin.ts'

/**
 * Brings up the services of a project. Vitest loads this file by its path, once for each project with the plugin; the
 * plugin has the options.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const leave: (() => Promise<void>)[] = []
  for (const { api } of pluginsOf(project)) leave.unshift(await api.setUp(project))
  return async () => {
    for (const leaveOne of leave) await leaveOne()
  }
}

function pluginsOf(project: TestProject): TestServicesPlugin[] {
  const plugins: readonly { readonly name: string }[] = project.vite.config.plugins
  return plugins.filter((plugin): plugin is TestServicesPlugin => plugin.name === pluginName)
}
