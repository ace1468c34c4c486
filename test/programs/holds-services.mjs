// A script that sets up the services of the config itself.
const { default: config } = await import(`${process.cwd()}/test-services.config.mjs`)
const services = Object.entries(config.services).map(([name, service]) => service.create({ label: name.toUpperCase() }))
await Promise.all(services.map((service) => service.setUp()))
console.error('the script holds')
setInterval(() => {}, 1_000)
