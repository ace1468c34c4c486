// Holds the services of a config on a machine over SSH, and prints their variables:
// holds-ssh-services.mjs CONFIG HOST DIRECTORY, where HOST is the JSON of the host's options
import { servicesOnMachine, sshMachines } from 'test-services/pool'

const [config, host, directory] = process.argv.slice(2)
const provisioner = sshMachines({ hosts: [JSON.parse(host)], directory })
const services = await servicesOnMachine(config)(await provisioner.reserve(), AbortSignal.timeout(60_000))
console.log(JSON.stringify(services.variables))
setInterval(() => {}, 60_000)
