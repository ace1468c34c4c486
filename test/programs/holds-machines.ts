/** Reserves a machine of the provisioner that its argument describes, runs a command there, and waits to be killed. */
import { containerMachines, localMachines, sshMachines } from '../../src/pool.ts'

const makers = { container: containerMachines, local: localMachines, ssh: sshMachines }

const [kind = '', options = '{}'] = process.argv.slice(2)
const provisioner = makers[kind as keyof typeof makers](JSON.parse(options))
const { directory, transport } = await provisioner.reserve()
const started = (): void => console.log(JSON.stringify({ directory }))
await transport.run(['sh', '-c', 'setsid sleep 611 & echo runs; sleep 612'], { directory, onOutput: started })
