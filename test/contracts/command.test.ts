import type { CommandConfig, ServiceDefinition } from '../../src/index.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { useUserProject } from '../support/user-project.ts'
import { installedTesting, register, withoutTenants } from './register.ts'

useCleanState()

const project = useUserProject('')
project.copy('programs/keeps-notes.mjs')
const url = project.copy('programs/notes.mjs')
const { default: notes }: { default: ServiceDefinition<CommandConfig> } = await import(url)
const { fixtureContract } = await installedTesting()

interface Noted {
  readonly serviceConfig: CommandConfig
}
const add = ({ serviceConfig }: Noted) => fetch(serviceConfig.url, { method: 'POST', body: 'a note' })
const read = async ({ serviceConfig }: Noted) => (await fetch(serviceConfig.url)).json() as Promise<string[]>

register(
  fixtureContract(notes, {
    module: { url: `file://${url}` },
    write: add,
    read,
    dirt: { 'a note': add },
    isPristine: async (service) => (await read(service)).length === 0,
  }),
  withoutTenants,
)
